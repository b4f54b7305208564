package closes

import (
	"context"
	"net/http"
)

//go:generate go tool nanogen -type Closer,Empty,Promoted

type Closer struct{}

func NewCloser() *Closer { return &Closer{} }

func (c *Closer) Close(ctx context.Context) error { return nil }

func (c *Closer) MarshalJSON() ([]byte, error) { return nil, nil }

func (c *Closer) WriteByte(b byte) {}

func (c *Closer) WriteTo(w http.ResponseWriter) {}

func (c *Closer) Seek(at int64, whence int) {}

func (c *Closer) Failures() (error, int) { return last(), 0 }

func last() error

type Empty struct{}

func NewEmpty() *Empty { return &Empty{} }

func (e *Empty) hidden() {}

// Promoted has a method that it cannot have.
type Promoted struct{ server }

func NewPromoted() *Promoted { return &Promoted{} }

type server struct{ *http.Server }

func (server) Serve(ctx context.Context) error { return nil }
