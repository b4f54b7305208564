package systems

//go:generate go tool nanogen -type Tally

// Tally is the value that is owned. Its methods are what the closures do.
type Tally struct{ n int }

// NewTally returns a Tally that has counted nothing.
func NewTally() *Tally { return new(Tally) }

// Inc adds one. It is what is told.
func (t *Tally) Inc() { t.n++ }

// Add adds k. It is what is told by a closure that captures something.
func (t *Tally) Add(k int) { t.n += k }

// Next adds one and returns the sum. It is what is called, so that the answers to n
// calls are the numbers from 1 to n.
func (t *Tally) Next() int {
	t.n++
	return t.n
}

// Value returns the sum.
func (t *Tally) Value() int { return t.n }
