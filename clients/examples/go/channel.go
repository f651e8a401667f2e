package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Profile is what a client needs of profile.toml; the paths are relative to its folder.
type Profile struct {
	Gateway, CA, Certificate, Key string
}

// open makes the channel for a profile's folder; it connects at the first call.
func open(folder string) (*grpc.ClientConn, error) {
	var profile Profile
	if _, err := toml.DecodeFile(filepath.Join(folder, "profile.toml"), &profile); err != nil {
		return nil, err
	}
	file := func(name string) string { return filepath.Join(folder, name) }
	pair, err := tls.LoadX509KeyPair(file(profile.Certificate), file(profile.Key))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(file(profile.CA))
	if err != nil {
		return nil, err
	}
	// Only this authority: the machine's own list has nothing to say about a gateway.
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s holds no certificate", profile.CA)
	}
	secure := credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, RootCAs: trusted, MinVersion: tls.VersionTLS13})
	return grpc.Dial(profile.Gateway, grpc.WithTransportCredentials(secure))
}
