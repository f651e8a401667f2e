package main

import (
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"veilgate.example/client/wire"
)

const domain = "veilgate.v1"

// Refusal is what the google.rpc.Status details of a refused call say.
type Refusal struct {
	Reason   string
	Texts    map[string]string
	Decision wire.DecisionDetail
	Wait     time.Duration
}

// Error returns the reason with its English text, then the Chinese one, then the smallest change.
func (r *Refusal) Error() string {
	text := r.Reason + ": " + r.Texts["en"] + "\n" + r.Texts["zh"]
	if change := r.Decision.GetSmallestChangeEn(); change != "" {
		text += "\nsmallest change: " + change + "\n" + r.Decision.GetSmallestChangeZh()
	}
	return text
}

// asRefusal returns a Refusal where the gateway gave a reason, and otherwise the error itself.
func asRefusal(err error) error {
	refused, failed := &Refusal{Texts: map[string]string{}}, status.Convert(err)
	for at, detail := range failed.Details() {
		switch one := detail.(type) {
		case *errdetails.ErrorInfo:
			if one.GetDomain() == domain {
				refused.Reason = one.GetReason()
			}
		case *errdetails.LocalizedMessage:
			refused.Texts[one.GetLocale()] = one.GetMessage()
		case *errdetails.RetryInfo:
			delay := one.GetRetryDelay()
			refused.Wait = time.Duration(delay.GetSeconds())*time.Second + time.Duration(delay.GetNanos())
		default:
			// Unpacked by hand: gRPC before 1.34 does not know the messages of today's generator.
			packed := failed.Proto().GetDetails()[at]
			if strings.HasSuffix(packed.GetTypeUrl(), "/veilgate.v1.DecisionDetail") &&
				proto.Unmarshal(packed.GetValue(), &refused.Decision) != nil {
				return err
			}
		}
	}
	if refused.Reason == "" {
		return err
	}
	return refused
}

// retryAfter is how long to wait before the same request may succeed; 0 where it will not.
func retryAfter(err error) time.Duration {
	if refused, typed := err.(*Refusal); typed {
		return refused.Wait
	}
	if code := status.Code(err); code == codes.Unavailable || code == codes.DeadlineExceeded {
		return time.Second
	}
	return 0
}
