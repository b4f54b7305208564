package recipes_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/bruskajp/nano_services/actor"
)

// Session owns a connection. It writes; a goroutine of its own reads.
type Session struct {
	conn  net.Conn
	lines int
}

// newSession returns the constructor for a connection.
func newSession(conn net.Conn) func(context.Context) (*Session, error) {
	return func(ctx context.Context) (*Session, error) {
		self := actor.Self[Session](ctx)
		read := func(ctx context.Context) error { return readLines(ctx, self, conn) }
		return &Session{conn: conn}, actor.Go(self, read)
	}
}

// readLines hands each line over. The end of ctx, which comes with Stop, with Kill and with a
// crash, closes the connection, and so ends a Read that waits.
func readLines(ctx context.Context, self *actor.Service[Session], conn net.Conn) error {
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		line := lines.Text()
		err := self.DoContext(ctx, func(_ context.Context, s *Session) { s.Hear(line) })
		if err != nil {
			return nil // it ends
		}
	}
	if err := lines.Err(); err != nil {
		return err // which ends the session with it
	}
	return io.EOF // the other side has gone
}

// Hear answers a line.
func (s *Session) Hear(line string) {
	s.lines++
	fmt.Fprintf(s.conn, "%d: %s\n", s.lines, line)
}

// Close is called when the session has ended, however that was.
func (s *Session) Close() error {
	if err := s.conn.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// serveOne serves a connection until one side ends it. Each session lives once.
func serveOne(ctx context.Context, conn net.Conn) (*actor.Service[Session], <-chan error) {
	session := actor.New(newSession(conn), actor.WithLogger(slog.New(slog.DiscardHandler)), actor.WithCapacity(100))
	served := make(chan error, 1)
	go func() { served <- session.Serve(ctx) }()
	return session, served
}

// Who closes a connection, and how is its reader unblocked?
func Example_socket() {
	for _, end := range []string{"the other side goes", "Stop", "Kill"} {
		here, there := net.Pipe()
		session, served := serveOne(context.Background(), here)
		fmt.Fprintln(there, "hello")
		answers := bufio.NewScanner(there)
		answers.Scan()
		switch end {
		case "Stop":
			session.Stop(context.Background())
		case "Kill":
			session.Kill()
		default:
			there.Close()
		}
		err := <-served
		fmt.Println(end+":", answers.Text(), errors.Is(err, io.EOF))
		_, err = here.Write(nil)
		fmt.Println("closed:", errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrClosed))
		there.Close()
	}
	// Output:
	// the other side goes: 1: hello true
	// closed: true
	// Stop: 1: hello false
	// closed: true
	// Kill: 1: hello false
	// closed: true
}
