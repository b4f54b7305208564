package store

// A Point is where a Writer can be made to crash, by those who test what becomes of
// its callers then.
type Point string

// The points of Commit at which it makes a difference.
const (
	BeforeCommit Point = "before the commit" // nothing of the batch is done
	AfterCommit  Point = "after the commit"  // all of it is, and its callers do not know
)

// CrashAt has the next Commit panic at a point.
//
//nano:skip
func (w *Writer) CrashAt(p Point) { w.crash = p }

func (w *Writer) crashAt(p Point) {
	if w.crash == p {
		panic("crash " + string(p))
	}
}
