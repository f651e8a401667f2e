import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.RetryInfo;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import veilgate.v1.Policy.DecisionDetail;

/** What the google.rpc.Status details of a refused call say. */
record Refusal(
    String reason, Map<String, String> texts, DecisionDetail decision, Duration retryAfter) {

  /** Empty where the gateway gave no reason: the call did not reach it, or its details are damaged. */
  static Optional<Refusal> of(StatusRuntimeException error) {
    var status = StatusProto.fromThrowable(error);
    if (status == null) {
      return Optional.empty();
    }
    var reason = "";
    var texts = new HashMap<String, String>();
    var decision = DecisionDetail.getDefaultInstance();
    var delay = RetryInfo.getDefaultInstance().getRetryDelay();
    try {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          var info = detail.unpack(ErrorInfo.class);
          reason = info.getDomain().equals("veilgate.v1") ? info.getReason() : "";
        } else if (detail.is(LocalizedMessage.class)) {
          var text = detail.unpack(LocalizedMessage.class);
          texts.put(text.getLocale(), text.getMessage());
        } else if (detail.is(DecisionDetail.class)) {
          decision = detail.unpack(DecisionDetail.class);
        } else if (detail.is(RetryInfo.class)) {
          delay = detail.unpack(RetryInfo.class).getRetryDelay();
        }
      }
    } catch (InvalidProtocolBufferException damaged) {
      return Optional.empty();
    }
    var wait = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
    return reason.isEmpty() ? Optional.empty() : Optional.of(new Refusal(reason, texts, decision, wait));
  }

  /** How long to wait before the same request may succeed; zero where it will not. */
  static Duration retryAfter(StatusRuntimeException error) {
    var code = error.getStatus().getCode();
    boolean lost = code == Code.UNAVAILABLE || code == Code.DEADLINE_EXCEEDED;
    return of(error).map(Refusal::retryAfter).orElse(lost ? Duration.ofSeconds(1) : Duration.ZERO);
  }

  /** The reason with the English text, the Chinese text, and the smallest change in both. */
  String text() {
    var text = reason + ": " + texts.get("en") + "\n" + texts.get("zh");
    return decision.getSmallestChangeEn().isEmpty() ? text : text + "\nsmallest change: "
        + decision.getSmallestChangeEn() + "\n" + decision.getSmallestChangeZh();
  }
}
