import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a client needs of profile.toml. */
record Profile(String gateway, File authority, File certificate, File key) {
  private static final int MAX_DETAILS_BYTES = 64 * 1024;
  // A profile is the simplest TOML, one text a line: reading it needs no library.
  private static final Pattern LINE = Pattern.compile("^(\\w+) *= *\"([^\"\\\\]*)\"$", Pattern.MULTILINE);

  static Profile read(Path folder) throws IOException {
    var texts = LINE.matcher(Files.readString(folder.resolve("profile.toml"))).results()
        .collect(Collectors.toMap((MatchResult one) -> one.group(1), one -> one.group(2)));
    if (!texts.keySet().containsAll(Set.of("gateway", "ca", "certificate", "key"))) {
      throw new IOException("profile.toml lacks gateway, ca, certificate or key");
    }
    return new Profile(texts.get("gateway"), folder.resolve(texts.get("ca")).toFile(),
        folder.resolve(texts.get("certificate")).toFile(), folder.resolve(texts.get("key")).toFile());
  }

  /** It connects at the first call. */
  ManagedChannel openChannel() throws IOException {
    // Only this authority: the machine's own list has nothing to say about a gateway.
    var tls = GrpcSslContexts.forClient().trustManager(authority).keyManager(certificate, key)
        .protocols("TLSv1.3").build();
    // The findings of a long denial exceed the usual 8 KiB of metadata.
    return NettyChannelBuilder.forTarget(gateway).sslContext(tls)
        .maxInboundMetadataSize(MAX_DETAILS_BYTES).build();
  }
}
