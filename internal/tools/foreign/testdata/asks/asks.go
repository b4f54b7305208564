// Package asks has one of each thing that the program looks for, and some that are none.
package asks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/pprof"
	"strings"
)

type asker struct{ r io.Reader }

func (a *asker) all(ctx context.Context, err error, h slog.Handler, v slog.LogValuer, l *slog.Logger, x any) (name func() string) {
	_, _ = ctx.Err(), context.Cause(ctx)
	_ = h.Enabled
	_ = v.LogValue()
	l.Log(ctx, 0, "")
	_ = err.Error()
	_ = errors.Is(err, io.EOF)
	_, _ = errors.AsType[*asker](err)
	_ = fmt.Sprint(err) + fmt.Sprint([]any{x})
	_ = fmt.Sprintf("%T %v", 1, x)
	fmt.Fprintf(io.Discard, "%d%s", 1, x)
	_, cancel := context.WithCancel(ctx)
	cancel()
	_ = slog.Value{}.Resolve()
	select {
	case <-ctx.Done():
		_ = ctx.Value(1)
	default:
	}
	pprof.SetGoroutineLabels(ctx)
	if ln, ok := x.(net.Listener); ok {
		c, _ := ln.Accept()
		_ = c.RemoteAddr().String()
	}
	_ = new(http.Server).Shutdown(ctx)
	if n, ok := x.(interface{ Name() string }); ok {
		name = n.Name
	}
	return name
}

func (a *asker) Error() string { return "" }

func (a *asker) none(b *strings.Builder) {
	_, _ = a.r.Read(nil)
	_ = fmt.Sprint(1, b.String())
	_ = fmt.Sprintf("%T", any(b))
	_ = fmt.Errorf("%w", io.EOF)
	_ = context.WithValue(context.Background(), b, 1)
	_ = errors.Join(a, io.EOF)
	_ = errors.Is(io.EOF, io.ErrUnexpectedEOF)
}

var _ = (*asker).none
var _ = (*asker).all
