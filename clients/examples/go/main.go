// Asks a Veilgate gateway what it would release of one record, then for the record.
// Exit status: 0 a record, 1 a failure without a reason, 2 a wrong command line, 3 a refusal.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"veilgate.example/client/wire"
)

const (
	usage    = "usage: PROFILE_DIR DATASET PURPOSE [SUBJECT_FILE], or SUBJECT_FILE in the environment"
	deadline = 10 * time.Second
	tries    = 3
)

func main() {
	log.SetFlags(0)
	args := append(os.Args[1:], os.Getenv("SUBJECT_FILE"))
	if len(args) < 4 || len(args) > 5 || args[3] == "" {
		log.Print(usage)
		os.Exit(2)
	}
	err := run(args[0], args[1], args[2], args[3])
	if refused, is := err.(*Refusal); is {
		log.Print(refused)
		os.Exit(3)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(profile, dataset, purpose, subjectFile string) error {
	// From a file: every user of the machine sees the arguments of a process.
	number, err := os.ReadFile(subjectFile)
	if err != nil {
		return err
	}
	channel, err := open(profile)
	if err != nil {
		return err
	}
	defer channel.Close()
	gateway := wire.NewExchangeServiceClient(channel)
	subject := &wire.SubjectIdentifier{
		Type: wire.IdentifierType_IDENTIFIER_TYPE_CN_RESIDENT_ID, Value: strings.TrimSpace(string(number))}
	// Never sent again: a question has no request id, and each one is recorded.
	explained, err := call(gateway.ExplainAccess,
		&wire.ExplainAccessRequest{Subject: subject, Dataset: dataset, Purpose: purpose})
	if err != nil {
		return err
	}
	decision := explained.GetDecision()
	fmt.Printf("decision: allow=%t rule=%s\n", decision.GetAllow(), decision.GetRule())
	// Asked for after a denial too, to show what a refusal looks like.
	record, err := getRecord(gateway, &wire.GetRecordRequest{
		RequestId: uuid.NewString(), Subject: subject, Dataset: dataset, Purpose: purpose})
	if err == nil {
		show(record)
	}
	return err
}

// getRecord sends the very same request again where that can help: by its request id the gateway
// counts one use, even where it released a record whose answer was lost.
func getRecord(gateway wire.ExchangeServiceClient, request *wire.GetRecordRequest) (
	*wire.GetRecordResponse, error) {
	for try := 1; ; try++ {
		record, err := call(gateway.GetRecord, request)
		wait := retryAfter(err)
		if wait == 0 || try == tries {
			return record, err
		}
		time.Sleep(wait)
	}
}

// call sets the deadline, which the gateway sees too: it stops where nobody waits any more.
func call[Q, A any](method func(context.Context, Q, ...grpc.CallOption) (A, error), request Q) (A, error) {
	limited, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	answer, err := method(limited, request)
	return answer, asRefusal(err)
}

func show(record *wire.GetRecordResponse) {
	fmt.Printf("record: event=%s log_index=%d\n", record.GetEventId(), record.GetLogIndex())
	for _, one := range record.GetFields() {
		value := one.GetText()
		if number, is := one.GetValue().(*wire.ReleasedField_Number); is {
			value = fmt.Sprint(number.Number)
		}
		fmt.Printf("%s = %s (%s)\n", one.GetField(), value, one.GetOperator())
	}
	for _, one := range record.GetWithheld() {
		fmt.Printf("%s withheld (%s)\n", one.GetField(), one.GetBecause())
	}
}
