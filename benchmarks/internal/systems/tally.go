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

// Deep is Next on a stack of some 12 KB, six times what a goroutine begins with.
func (t *Tally) Deep() int {
	if deepen(12) == 0 {
		return 0
	}
	return t.Next()
}

// deepen needs 1 KB of stack for each step.
//
//go:noinline
func deepen(steps int) int {
	var room [1 << 10]byte
	if steps > 0 {
		room[steps] = byte(deepen(steps - 1))
	}
	return int(room[steps]) + 1
}

// Value returns the sum.
func (t *Tally) Value() int { return t.n }
