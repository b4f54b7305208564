package foreign

import (
	"context"
	"log/slog"
	"reflect"
)

// Unheard reports whether a record of that level is known to be of interest to nobody. It
// may be called where nothing may block: only handlers of package slog are asked, and only
// if their level is no code of the user's. A handler that is nil, as of a zero Logger,
// hears nothing.
func Unheard(h slog.Handler, level slog.Level) bool {
	if h == nil {
		return true
	}
	return guarded(func() bool { return isPlain(h) && !h.Enabled(context.Background(), level) })
}

// isPlain reports whether the Enabled of h runs none of the program's code.
func isPlain(h slog.Handler) bool {
	switch x := h.(type) {
	case *slog.TextHandler:
		return hasPlainLevel(reflect.ValueOf(x))
	case *slog.JSONHandler:
		return hasPlainLevel(reflect.ValueOf(x))
	}
	if h == slog.DiscardHandler {
		return true
	}
	t := reflect.TypeOf(h)
	return t.String() == "*slog.defaultHandler" && t.Elem().PkgPath() == "log/slog"
}

// hasPlainLevel looks at the level in the options of a handler, which package slog does
// not show. If it is not where it was, the handler is not plain.
func hasPlainLevel(h reflect.Value) bool {
	options := h.Elem().FieldByName("opts")
	if !options.IsValid() {
		return false
	}
	level := options.FieldByName("Level")
	if !level.IsValid() || level.Kind() != reflect.Interface {
		return false
	}
	if level.IsNil() {
		return true
	}
	t := level.Elem().Type()
	return t == reflect.TypeFor[slog.Level]() || t == reflect.TypeFor[*slog.LevelVar]()
}
