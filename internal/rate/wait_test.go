package rate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/internal/rate"
)

// When what is waited for is reported, in seconds, by when the wait is given up.
func TestWait(t *testing.T) {
	for _, row := range []struct {
		until []int // seconds
		want  []int
	}{
		{nil, []int{5, 10, 20, 40, 80, 160, 320, 640}},
		{[]int{41}, []int{5, 10, 20, 40}},
		{[]int{40}, []int{5, 10, 20}},
		{[]int{60, 6, 30}, []int{5}},
		{[]int{5}, nil},
		{[]int{0}, nil},
	} {
		begun := time.Unix(1000, 0)
		w := rate.Since(begun)
		for _, s := range row.until {
			w.GiveUp(begun.Add(time.Duration(s) * time.Second))
		}
		var got []int
		for {
			at, ok := w.Next()
			if !ok {
				break
			}
			if _, due := w.Report(at.Add(-1)); due {
				t.Errorf("%v: reported too early", row.until)
			}
			age, due := w.Report(at)
			if !due || age != at.Sub(begun) {
				t.Fatalf("%v: not reported at %v, but at an age of %v", row.until, at.Sub(begun), age)
			}
			got = append(got, int(age/time.Second))
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("given up at %v: reported at %v: want %v", row.until, got, row.want)
		}
	}
}
