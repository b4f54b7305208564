package observer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// The bars of a histogram in a row: each a third of a decade wide, from a microsecond to ten
// seconds; what is shorter or longer is in the first or the last one.
const (
	barsN      = 22
	barsHeight = 12
	shortest   = time.Microsecond
)

// bars returns the histogram of a row, as the data of a path.
func bars(h *actor.Histogram) string {
	var counts [barsN]uint64
	var largest uint64
	for _, b := range h.Buckets {
		k := 0
		if b.UpTo > shortest {
			k = min(int(3*math.Log10(float64(b.UpTo)/float64(shortest))), barsN-1)
		}
		counts[k] += b.Count
		largest = max(largest, counts[k])
	}
	var path []byte
	for k, n := range counts {
		if n > 0 { // even a low bar is seen
			path = strconv.AppendInt(append(path, 'M'), int64(4*k), 10)
			path = append(path, " 12h3v-"...)
			path = strconv.AppendUint(path, max(1, n*barsHeight/largest), 10)
			path = append(path, "h-3z"...)
		}
	}
	return string(path)
}

// chart is a drawing of numbers, with what is to be read from it.
type chart struct {
	Title, Text     string // the numbers, in words
	Points          string // of a line
	Columns         []column
	Least, Mid, Top string // along the axis
	Empty           string // why there is nothing to draw
}

// column is a bar of a histogram.
type column struct {
	X, Y, Width, Height int
	Title               string
}

// The size of a chart.
const (
	chartWidth  = 300
	chartHeight = 60
)

// sparkline draws numbers one after the other, the last one at the right.
func sparkline(title string, values []float64, text func(float64) string) chart {
	c := chart{Title: title}
	if len(values) < 2 {
		c.Empty = "known after two seconds"
		return c
	}
	largest := 0.0
	for _, v := range values {
		largest = max(largest, v)
	}
	var points strings.Builder
	for i, v := range values {
		x := chartWidth - (len(values)-1-i)*chartWidth/(kept-1)
		y := chartHeight - 2
		if largest > 0 {
			y -= int(v / largest * (chartHeight - 4))
		}
		fmt.Fprintf(&points, "%d,%d ", x, y)
	}
	c.Points = strings.TrimSpace(points.String())
	c.Text = fmt.Sprintf("now %s, at most %s in the last %s", text(values[len(values)-1]), text(largest),
		counted(len(values)-1, "second", "seconds"))
	c.Least, c.Top = "a minute ago", "now"
	return c
}

// histogram draws how times are distributed, on a logarithmic scale.
func histogram(title string, h *actor.Histogram) chart {
	c := chart{Title: title}
	if h.Count == 0 {
		c.Empty = "none measured yet: actor.WithTimes, or Observe, has closures measured"
		return c
	}
	first, last := octave(h.Buckets[0].UpTo), octave(h.Buckets[len(h.Buckets)-1].UpTo)
	counts := make([]uint64, last-first+1)
	var largest uint64
	for _, b := range h.Buckets {
		k := octave(b.UpTo) - first
		counts[k] += b.Count
		largest = max(largest, counts[k])
	}
	width := min(chartWidth/len(counts), 24)
	for k, n := range counts {
		if n == 0 {
			continue
		}
		height := max(1, int(n*(chartHeight-2)/largest))
		c.Columns = append(c.Columns, column{k * width, chartHeight - height, max(1, width-1), height,
			fmt.Sprintf("%s up to %s", counted(int(n), "closure", "closures"), brief(ofOctave(first+k)))})
	}
	c.Least, c.Top = brief(ofOctave(first-1)), brief(ofOctave(last))
	c.Text = fmt.Sprintf("median %s, 99 %% within %s, mean %s, longest %s, of %s", duration(h.Quantile(0.5)), duration(h.Quantile(0.99)),
		duration(h.Mean), duration(h.Max), grouped(h.Count))
	return c
}

// octave returns which power of two a time does not exceed, in nanoseconds.
func octave(d time.Duration) int { return int(math.Ceil(math.Log2(float64(max(d, 1))))) }

func ofOctave(k int) time.Duration { return time.Duration(math.Pow(2, float64(k))) }
