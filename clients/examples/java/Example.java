import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import veilgate.v1.Exchange.ExplainAccessRequest;
import veilgate.v1.Exchange.GetRecordRequest;
import veilgate.v1.Exchange.GetRecordResponse;
import veilgate.v1.ExchangeServiceGrpc;
import veilgate.v1.ExchangeServiceGrpc.ExchangeServiceBlockingStub;
import veilgate.v1.Subject.IdentifierType;
import veilgate.v1.Subject.SubjectIdentifier;

/**
 * Asks a Veilgate gateway what it would release of one record, then for the record. Exit status: 0 a
 * record, 1 a failure without a reason, 2 a wrong command line, 3 a refusal.
 */
final class Example {
  private static final String USAGE =
      "usage: PROFILE_DIR DATASET PURPOSE [SUBJECT_FILE], or SUBJECT_FILE in the environment";
  private static final int DEADLINE_SECONDS = 10;
  private static final int TRIES = 3;

  public static void main(String[] args) throws InterruptedException {
    String subjectFile = args.length > 3 ? args[3] : System.getenv().getOrDefault("SUBJECT_FILE", "");
    if (args.length < 3 || args.length > 4 || subjectFile.isEmpty()) {
      System.err.println(USAGE);
      System.exit(2);
    }
    try {
      run(Path.of(args[0]), args[1], args[2], Path.of(subjectFile));
    } catch (StatusRuntimeException error) {
      var refusal = Refusal.of(error);
      System.err.println(refusal.map(Refusal::text).orElse(error.getMessage()));
      System.exit(refusal.isPresent() ? 3 : 1);
    } catch (IOException unreadable) {
      System.err.println("cannot be read: " + unreadable.getMessage());
      System.exit(1);
    }
  }

  private static void run(Path profile, String dataset, String purpose, Path subjectFile)
      throws IOException, InterruptedException {
    // From a file: every user of the machine sees the arguments of a process.
    String number = Files.readString(subjectFile).strip();
    ManagedChannel channel = Profile.read(profile).openChannel();
    try {
      var subject = SubjectIdentifier.newBuilder()
          .setType(IdentifierType.IDENTIFIER_TYPE_CN_RESIDENT_ID).setValue(number).build();
      ask(ExchangeServiceGrpc.newBlockingStub(channel), subject, dataset, purpose);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void ask(
      ExchangeServiceBlockingStub gateway, SubjectIdentifier subject, String dataset, String purpose)
      throws InterruptedException {
    // Never sent again: a question has no request id, and each one is recorded.
    var decision = limited(gateway).explainAccess(ExplainAccessRequest.newBuilder()
        .setSubject(subject).setDataset(dataset).setPurpose(purpose).build()).getDecision();
    System.out.printf("decision: allow=%b rule=%s%n", decision.getAllow(), decision.getRule());
    // Asked for after a denial too, to show what a refusal looks like.
    show(getRecord(gateway, GetRecordRequest.newBuilder().setRequestId(UUID.randomUUID().toString())
        .setSubject(subject).setDataset(dataset).setPurpose(purpose).build()));
  }

  /**
   * Sends the very same request again where that can help: by its request id the gateway counts one
   * use, even where it released a record whose answer was lost.
   */
  private static GetRecordResponse getRecord(
      ExchangeServiceBlockingStub gateway, GetRecordRequest request) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return limited(gateway).getRecord(request);
      } catch (StatusRuntimeException error) {
        var wait = Refusal.retryAfter(error);
        if (wait.isZero() || attempt == TRIES) {
          throw error;
        }
        Thread.sleep(wait.toMillis());
      }
    }
  }

  /** The deadline runs from here, and is the gateway's too: it stops where nobody waits any more. */
  private static ExchangeServiceBlockingStub limited(ExchangeServiceBlockingStub gateway) {
    return gateway.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private static void show(GetRecordResponse record) {
    System.out.printf("record: event=%s log_index=%d%n", record.getEventId(), record.getLogIndex());
    for (var one : record.getFieldsList()) {
      Object value = one.hasNumber() ? one.getNumber() : one.getText();
      System.out.printf("%s = %s (%s)%n", one.getField(), value, one.getOperator());
    }
    for (var one : record.getWithheldList()) {
      System.out.printf("%s withheld (%s)%n", one.getField(), one.getBecause());
    }
  }
}
