package main

import (
	"bufio"
	"context"
	"net"
	"net/http"

	"connectrpc.com/connect"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/bruskajp/nano_services/supervisor/remote"
)

// call asks the owner's service once, from any goroutine unless its way is single.
type call func(context.Context, []byte) ([]byte, error)

// way is how the owner is asked.
type way struct {
	name string
	open func(context.Context, *where) (newCaller func() (call, error), err error)
}

// ways are compared with each other; each's first call is not measured.
var ways = []way{{"tcp", tcp}, {"nats", bare}, {"remote", nano}, {"grpc", unary}, {"connect", connected}}

// shared is a call that all callers use at once.
func shared(c call) func() (call, error) { return func() (call, error) { return c, nil } }

// tcp has a connection for each caller.
func tcp(ctx context.Context, at *where) (func() (call, error), error) {
	return func() (call, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", at.TCP)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() })
		in := bufio.NewReader(conn)
		return func(_ context.Context, p []byte) ([]byte, error) {
			if _, err := conn.Write(frame(p)); err != nil {
				return nil, err
			}
			return readFrame(in)
		}, nil
	}, nil
}

func bare(ctx context.Context, at *where) (func() (call, error), error) {
	nc, err := nats.Connect(at.NATS)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, nc.Close)
	return shared(func(ctx context.Context, p []byte) ([]byte, error) {
		m, err := nc.RequestWithContext(ctx, bareSubject, p)
		if err != nil {
			return nil, err
		}
		return m.Data, nil
	}), nil
}

func nano(ctx context.Context, at *where) (func() (call, error), error) {
	nc, err := remote.Dial(at.NATS)(ctx)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, nc.Close)
	node, err := remote.Start(nc, remote.Config{})
	if err != nil {
		return nil, err
	}
	return shared(NewEchoClient(node, boundName).Echo), nil
}

func unary(ctx context.Context, at *where) (func() (call, error), error) {
	conn, err := grpc.NewClient(at.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	return shared(func(ctx context.Context, p []byte) ([]byte, error) {
		var out wrapperspb.BytesValue
		err := conn.Invoke(ctx, grpcMethod, wrapperspb.Bytes(p), &out)
		return out.Value, err
	}), nil
}

func connected(_ context.Context, at *where) (func() (call, error), error) {
	c := connect.NewClient[wrapperspb.BytesValue, wrapperspb.BytesValue](
		&http.Client{Transport: &http.Transport{Protocols: http2()}}, "http://"+at.Connect+grpcMethod,
		connect.WithAcceptCompression("gzip", nil, nil)) // which would be most of a small call
	return shared(func(ctx context.Context, p []byte) ([]byte, error) {
		out, err := c.CallUnary(ctx, connect.NewRequest(wrapperspb.Bytes(p)))
		if err != nil {
			return nil, err
		}
		return out.Msg.Value, nil
	}), nil
}
