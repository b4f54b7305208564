package run

import "context"

//go:generate go tool nanogen -type Log

// Log keeps what is written.
type Log struct{ text []byte }

// NewLog makes a Log.
func NewLog() *Log { return &Log{} }

// Write is no io.Writer: it has a context.
func (l *Log) Write(ctx context.Context, p []byte) (int, error) {
	l.text = append(l.text, p...)
	return len(p), nil
}

// Text returns what was written.
func (l *Log) Text() string { return string(l.text) }

// logWriter makes an io.Writer of a service, for code that calls it while ctx lasts.
type logWriter struct {
	ctx context.Context
	log LogService
}

func (w logWriter) Write(p []byte) (int, error) { return w.log.Write(w.ctx, p) }
