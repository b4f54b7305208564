package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"time"

	"connectrpc.com/connect"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
)

// where says how the owner is reached, and what the embedded server costs. The owner
// writes it as its first line.
type where struct {
	TCP, NATS, GRPC, Connect string

	Start      time.Duration // of the embedded server, until it can be connected to
	Bytes      int64         // that the process holds more then, of what it has from the system
	Goroutines int
}

// Names under which the service is reached.
const (
	bareSubject = "bench.bare"
	boundName   = "bench.echo"
	grpcMethod  = "/bench.Echo/Echo"
)

// owned is a process that owns the service.
type owned struct {
	where
	cmd   *exec.Cmd
	input io.Closer // its end ends the process
}

// startOwner starts this program as the owner.
func startOwner(ctx context.Context) (*owned, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	o := &owned{cmd: exec.CommandContext(ctx, program, "-own")}
	o.cmd.Stderr = os.Stderr
	if o.input, err = o.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := o.cmd.Start(); err != nil {
		return nil, err
	}
	if err := json.NewDecoder(out).Decode(&o.where); err != nil {
		return nil, errors.Join(fmt.Errorf("the owner has not started: %w", err), o.stop())
	}
	return o, nil
}

// stop ends the owner, and waits for it.
func (o *owned) stop() error {
	return errors.Join(o.input.Close(), o.cmd.Wait())
}

// serve is the owner: it says where it is, and ends with its input.
func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, in)
	}()
	var at where
	before := used()
	begun := time.Now()
	server := embedded.New(embedded.Config{Listen: "127.0.0.1:0"})
	tree := supervisor.New("owner", supervisor.Spec{Children: []supervisor.Child{{Name: "nats", Service: server}}})
	if err := tree.Start(ctx); err != nil {
		return err
	}
	defer tree.Stop(context.Background())
	at.Start = time.Since(begun)
	after := used()
	at.Bytes, at.Goroutines, at.NATS = after.bytes-before.bytes, after.goroutines-before.goroutines, server.URL()

	echo := actor.Start(NewEcho())
	for _, open := range []func(context.Context, *actor.Service[Echo], *where) error{overTCP, overNATS, overGRPC, overConnect} {
		if err := open(ctx, echo, &at); err != nil {
			return err
		}
	}
	node := remote.New(server.Dial(), remote.Config{})
	for _, c := range []supervisor.Child{{Name: "node", Service: node}, {Name: "binding", Service: BindEcho(node, boundName, echo)}} {
		if err := tree.Add(ctx, c); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(out).Encode(at); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// usage is what the process holds.
type usage struct {
	bytes      int64
	goroutines int
}

func used() usage {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{int64(m.Sys - m.HeapReleased), runtime.NumGoroutine()}
}

// ask is how each way asks the service.
func ask(ctx context.Context, echo *actor.Service[Echo], p []byte) ([]byte, error) {
	return actor.CallContext(ctx, echo, func(ctx context.Context, e *Echo) ([]byte, error) { return e.Echo(ctx, p) })
}

// listen listens on a free port of this machine until ctx ends.
func listen(ctx context.Context, serve func(net.Listener)) (addr string, err error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	context.AfterFunc(ctx, func() { _ = ln.Close() })
	go serve(ln)
	return ln.Addr().String(), nil
}

// overTCP serves frames: a length of four bytes, and that many.
func overTCP(ctx context.Context, echo *actor.Service[Echo], at *where) (err error) {
	at.TCP, err = listen(ctx, func(ln net.Listener) {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for {
					p, err := readFrame(in)
					if err == nil {
						p, err = ask(ctx, echo, p)
					}
					if err == nil {
						_, err = conn.Write(frame(p))
					}
					if err != nil {
						return
					}
				}
			}()
		}
	})
	return err
}

func frame(p []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(p)), uint32(len(p))), p...)
}

func readFrame(r *bufio.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	p := make([]byte, binary.BigEndian.Uint32(size[:]))
	_, err := io.ReadFull(r, p)
	return p, err
}

// overNATS answers bare requests.
func overNATS(ctx context.Context, echo *actor.Service[Echo], at *where) error {
	nc, err := nats.Connect(at.NATS)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, nc.Close)
	_, err = nc.Subscribe(bareSubject, func(m *nats.Msg) {
		if p, err := ask(ctx, echo, m.Data); err == nil {
			_ = m.Respond(p)
		}
	})
	return errors.Join(err, nc.Flush())
}

func overGRPC(ctx context.Context, echo *actor.Service[Echo], at *where) (err error) {
	s := grpc.NewServer()
	s.RegisterService(&grpc.ServiceDesc{ServiceName: "bench.Echo", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
		MethodName: "Echo",
		Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var in wrapperspb.BytesValue
			if err := decode(&in); err != nil {
				return nil, err
			}
			p, err := ask(ctx, echo, in.Value)
			return wrapperspb.Bytes(p), err
		},
	}}}, echo)
	context.AfterFunc(ctx, s.Stop)
	at.GRPC, err = listen(ctx, func(ln net.Listener) { _ = s.Serve(ln) })
	return err
}

func overConnect(ctx context.Context, echo *actor.Service[Echo], at *where) (err error) {
	handler := connect.NewUnaryHandler(grpcMethod, func(ctx context.Context, in *connect.Request[wrapperspb.BytesValue]) (*connect.Response[wrapperspb.BytesValue], error) {
		p, err := ask(ctx, echo, in.Msg.Value)
		return connect.NewResponse(wrapperspb.Bytes(p)), err
	})
	s := &http.Server{Handler: handler, Protocols: http2(), ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	at.Connect, err = listen(ctx, func(ln net.Listener) { _ = s.Serve(ln) })
	return err
}

// http2 is HTTP/2 without TLS.
func http2() *http.Protocols {
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	return &p
}
