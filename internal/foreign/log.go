package foreign

import (
	"context"
	"log/slog"
	"reflect"
	"slices"
)

// Unheard reports whether a record of that level is known to be dropped. It may
// be called where nothing may block: only handlers of package slog are asked, and only
// if their level is no code of the user's. A handler that is nil, as of a zero Logger,
// hears nothing.
func Unheard(h slog.Handler, level slog.Level) bool {
	if h == nil || h == slog.DiscardHandler {
		return true
	}
	return guarded(func() bool { return isPlain(h) && !h.Enabled(context.Background(), level) })
}

// isPlain reports whether the Enabled of h runs none of the program's code.
func isPlain(h slog.Handler) bool {
	switch x := h.(type) {
	case *slog.TextHandler:
		return hasPlainLevel(reflect.ValueOf(x), textLevel)
	case *slog.JSONHandler:
		return hasPlainLevel(reflect.ValueOf(x), jsonLevel)
	}
	t := reflect.TypeOf(h)
	return t.String() == "*slog.defaultHandler" && t.Elem().PkgPath() == "log/slog"
}

// Where the handlers have the level in their options, which package slog does not show: to
// look for it each time would cost a restart 2 µs, at 700 ns each. It is nil if it is not where it was.
var (
	textLevel = levelIn(reflect.TypeFor[slog.TextHandler]())
	jsonLevel = levelIn(reflect.TypeFor[slog.JSONHandler]())
)

func levelIn(handler reflect.Type) []int {
	options, ok := handler.FieldByName("opts")
	if !ok || options.Type.Kind() != reflect.Struct {
		return nil
	}
	level, ok := options.Type.FieldByName("Level")
	if !ok || level.Type.Kind() != reflect.Interface {
		return nil
	}
	return slices.Concat(options.Index, level.Index)
}

// hasPlainLevel looks at the level of a handler. If it is not known where that is, the
// handler is not plain.
func hasPlainLevel(h reflect.Value, at []int) bool {
	if at == nil {
		return false
	}
	level := h.Elem().FieldByIndex(at)
	if level.IsNil() {
		return true
	}
	t := level.Elem().Type()
	return t == reflect.TypeFor[slog.Level]() || t == reflect.TypeFor[*slog.LevelVar]()
}
