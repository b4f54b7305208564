package directives

import "context"

//go:generate go tool nanogen -type Log

//nano:shares
type Log struct {
	//nano:call
	lines []string

	Base //nano:sync
	bare //nano:skip
}

type bare struct{}

func (bare) hidden() {}

type Base struct{}

func (b *Base) Add() {}

//nano:call
func NewLog() *Log { return &Log{} }

//nano:asynch
func (l *Log) Unknown() {}

// nano:call
func (l *Log) Spaced() {}

// nano: the name of a unit, and no directive.
func (l *Log) Empty() {}

//nano:call
//nano:async
func (l *Log) Both() {}

//nano:skip
//nano:shares
func (l *Log) SkippedAndShared() []string { return l.lines }

//nano:future
func (l *Log) Future(ctx context.Context) (int, error) { return 0, nil }

//nano:skip
func (l *Log) hidden() {}

//nano:shares
func (l *Log) SharesNothing() {}

//nano:call
//nano:call
func (l *Log) Twice() {}

//nano:skip
func (l *Log) Close() error { return nil }

func (l *Log) Inside() {
	//nano:call
}

//nano: async
func (l *Log) SpaceBehind() {}

//nano:call //nano:skip
func (l *Log) TwoInALine() {}

//nano:call Its caller wants to know that it is done, and "nano:call" may say why.
func (l *Log) WithAReason() {}

// Batched calls have no context.
//
//nano:batched
func (l *Log) Batched(ctx context.Context) error { return nil }

//nano:batched
//nano:async
func (l *Log) BatchedAndAsync() {}

//nano:future
//nano:batched
func (l *Log) BatchedAndFuture() {}

//nano:batched
//nano:skip
func (l *Log) BatchedAndSkipped() {}

//nano:call
func (l *Log) CalledAnyway() int { return 0 }

//nano:shares
func (l *Log) OnlyNumbers() (name string, n float64, err error) { return "", 0, nil }

//nano:async
//nano:shares
func (l *Log) ResultsLost() []string { return l.lines }
