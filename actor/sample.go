package actor

// How the run times of closures are found without reading the clock for each. It takes
// 25 ns, which is more than a short closure does.
//
// A stretch are closures that ran one behind the other, with nothing but the loop in
// between, while nobody looked at the clock. It is read where the stretch begins and
// where it ends: before a closure that is sampled, and before the owner does anything
// else, such as to sleep. What the stretch took bounds each of its closures, so none is
// long without being seen:
//
//	the stretch              its closures                             and then
//	takes as long as usual   short; count like the next short sample  twice as many to a stretch
//	takes longRun longer     all but one are short; one took the      each closure is measured,
//	                         rest of the time, and counts for itself  until some were short
//
// A closure that is sampled is measured from its own beginning to its own end. If it is
// short, it counts for those since the last one that were not measured and are known to
// be short, too; if it is long, for itself. Those that a sample stands for are chosen
// before it runs, by number, so what it takes has no influence on its weight, short as
// it is. The sum of all counts is the number of closures, except for the few that wait
// for the next short sample.
const (
	longRun = int64(5e3) // ns; the clock does not matter beside it
	sparse  = 64         // closures, at most, of which one is sampled
	wary    = 16         // closures that are measured after a long one: it is seldom alone
)

// pace is how a service samples its closures. It is the recorder's, and its owner's.
type pace struct {
	skip    int32  // closures until the next that is sampled
	every   int32  // from one that is sampled to the next; a power of two
	wary    int32  // closures that are measured because there was a long one
	unread  int32  // closures of the present stretch; if there are any, recorder.last is its beginning
	owed    uint64 // short closures that the next short sample counts for
	typical int64  // what a short closure takes, with the loop around it
}

// due reports whether the closure that begins is to be sampled.
func (p *pace) due() bool {
	p.skip--
	return p.skip <= 0
}

// endStretch is called when the clock has been read and stands at that. Nothing happens
// if no closure ran since it was read before.
func (r *recorder) endStretch(n *notes, at int64) {
	k := int64(r.unread)
	if k == 0 {
		return
	}
	r.unread = 0
	took := at - r.last
	if rest := took - min((k-1)*r.typical, longRun); rest >= longRun {
		r.owed += uint64(k - 1)
		r.addLong(n, rest)
		return
	}
	r.owed += uint64(k)
	r.typical = took / k
}

// addSample enters a closure that was measured.
func (r *recorder) addSample(n *notes, run int64) {
	if run >= longRun {
		r.addLong(n, run)
		return
	}
	n.runs.add(run, 1+r.owed)
	r.owed = 0
	if r.every == 1 {
		r.typical = run // no stretch has said so
	}
	next := int32(1)
	if r.wary > 0 {
		r.wary--
	} else {
		// As many as pass for short together: so the clock takes 1% of their time.
		for next = min(2*r.every, sparse); next > 1 && int64(next)*r.typical > longRun; {
			next /= 2
		}
	}
	r.setPace(n, next)
}

func (r *recorder) addLong(n *notes, run int64) {
	n.runs.add(run, 1)
	r.wary = wary
	r.setPace(n, 1)
}

func (r *recorder) setPace(n *notes, every int32) {
	r.skip = every
	if r.every != every {
		r.every = every
		n.mask.Store(uint32(every - 1))
	}
}

// rest is called by the owner when it is about to do something else than run closures.
func (in *incarnation) rest() {
	r := in.rec
	if r == nil || in.lost.Load() {
		return
	}
	if r.unread > 0 {
		if a := in.c.around.Load(); a != nil && a.lens != nil && a.lens.gen == r.gen {
			r.endStretch(in.c.noted(), clock())
		}
		r.unread = 0 // of a time when nobody wanted it any more
	}
	r.last = 0
}
