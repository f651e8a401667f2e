// What Debian 12's packages need on top: their gRPC (1.33) has a codec that loses the `oneof`s of
// their generator (1.28). With gRPC 1.34 or later this file is left out.
package main

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/protobuf/proto"
)

type codec struct{}

func init() { encoding.RegisterCodec(codec{}) }

func (codec) Name() string                        { return "proto" }
func (codec) Marshal(message any) ([]byte, error) { return proto.Marshal(message.(proto.Message)) }
func (codec) Unmarshal(content []byte, message any) error {
	return proto.Unmarshal(content, message.(proto.Message))
}
