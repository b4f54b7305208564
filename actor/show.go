package actor

import (
	"context"
	"fmt"
	"log/slog"
)

// Show returns what the service's value says of itself: its LogValue (slog.LogValuer) is
// called between two closures, as Inspect calls its function, and decides what may be
// seen:
//
//	func (l *Login) LogValue() slog.Value {
//		return slog.GroupValue(slog.String("user", l.user), slog.Int("visits", l.visits))
//	}
//
// What the result has by reference is a copy, or never changed again; values in it that
// are LogValuers are asked on the service's goroutine, too, so that none is asked beside
// the service. A T without LogValue shows nothing: that is an error. The other errors are
// those of Inspect, whose word on a function that panics, or does not return, holds for
// LogValue.
func (s *Service[T]) Show(ctx context.Context) (slog.Value, error) {
	s.made()
	if _, ok := any((*T)(nil)).(slog.LogValuer); !ok {
		return slog.Value{}, fmt.Errorf("actor: %s: Show: *%s has no LogValue (slog.LogValuer)", s.Name(), typeName[T]())
	}
	var shown slog.Value
	err := s.lookAt(ctx, origin{}, entry((*Service[T]).Show), func(state any) {
		shown = resolved(state.(slog.LogValuer).LogValue(), shownDepth)
	})
	if err != nil {
		return slog.Value{}, err // shown may yet be written
	}
	return shown, nil
}

// shownDepth bounds how deep in groups LogValuers are asked: one may contain itself.
const shownDepth = 8

// resolved returns v without a LogValuer in it.
func resolved(v slog.Value, depth int) slog.Value {
	v = v.Resolve()
	if v.Kind() != slog.KindGroup {
		return v
	}
	if depth == 0 {
		return slog.StringValue("…")
	}
	attrs := make([]slog.Attr, len(v.Group()))
	for i, a := range v.Group() {
		attrs[i] = slog.Attr{Key: a.Key, Value: resolved(a.Value, depth-1)}
	}
	return slog.GroupValue(attrs...)
}
