package run

//go:generate go tool nanogen -type Line -pool

// Line has what was said on it, in order.
type Line struct {
	number int
	said   map[string][]int
}

// NewLine makes a Line, which takes the next number.
func NewLine(numbers <-chan int) *Line { return &Line{<-numbers, map[string][]int{}} }

// Say is an event.
func (l *Line) Say(who string, n int) { l.said[who] = append(l.said[who], n) }

// Heard returns how much was said by one, and whether that was in order.
func (l *Line) Heard(who string) (n int, inOrder bool) {
	inOrder = true
	for i, n := range l.said[who] {
		inOrder = inOrder && i == n
	}
	return len(l.said[who]), inOrder
}

// Number returns its number.
func (l *Line) Number() int { return l.number }

// Hold keeps the line busy until the channel is closed.
func (l *Line) Hold(until <-chan struct{}) int {
	<-until
	return l.number
}
