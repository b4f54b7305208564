// Package asks has one of each thing that the program looks for, and some that are none.
package asks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	_ = fmt.Sprint(err)
	if n, ok := x.(interface{ Name() string }); ok {
		name = n.Name
	}
	return name
}

func (a *asker) Error() string { return "" }

func (a *asker) none(b *strings.Builder) {
	_, _ = a.r.Read(nil)
	_ = fmt.Sprint(1, b.String())
}

var _ = (*asker).none
var _ = (*asker).all
