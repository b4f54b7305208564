package harness

import (
	"context"
	"math"
	"slices"
	"time"
)

// turn returns the order in which n systems have their turns in a round. Every other round
// is the one before it backwards, and the round after these begins with the next system.
// So what becomes slower or quicker during two rounds, by itself, does so for all, and in
// 2n rounds each system has been in each place twice, and has come after different ones.
func turn(n, round int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = (i + round/2) % n
	}
	if round%2 == 1 {
		slices.Reverse(order)
	}
	return order
}

// size decides, before the first round, how many operations the runs of a row have.
func (p *Plan) size(ctx context.Context, row []*series) error {
	if row[0].ops > 0 {
		return nil
	}
	fewest := math.MaxInt
	for _, c := range row {
		if !c.w.Sliced() {
			c.ops = p.ops(c.w)
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		ops, err := fill(p.Slice, func(ops int) (Sample, error) { return Measure(c.w, c.s, ops) })
		if err != nil {
			return err
		}
		c.ops = ops
		fewest = min(fewest, ops)
	}
	for _, c := range row {
		if c.w.Sliced() && p.Alike {
			c.ops = fewest
		}
	}
	return nil
}

// The numbers of operations that fill tries are at least firstTry, and lie within a factor
// of growth.
const (
	firstTry = 100
	growth   = 20
)

// fill returns how many operations take as long as a slice. It tries with more and more of
// them, which warms up as well; the last try takes half of a slice at least.
func fill(slice time.Duration, try func(ops int) (Sample, error)) (int, error) {
	for ops := firstTry; ; {
		sample, err := try(ops)
		if err != nil {
			return 0, err
		}
		elapsed := max(sample.Elapsed, 1)
		fit := float64(ops) * float64(slice) / float64(elapsed)
		if elapsed >= slice/2 {
			return max(int(fit), 1), nil
		}
		ops = int(min(fit, float64(ops)*growth)) + 1
	}
}
