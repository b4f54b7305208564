package harness

import (
	"math"
	"slices"
)

// Quantile returns the value below which the part q of vs lies, with values in between
// interpolated. It is NaN if there are none. vs is not changed.
func Quantile(vs []float64, q float64) float64 {
	if len(vs) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(vs))
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Median returns the value in the middle.
func Median(vs []float64) float64 { return Quantile(vs, 0.5) }

// Spread returns how far the middle half of vs is spread, as a part of the median: 0.1
// says that half of the rounds were within a tenth of each other. It is 0 if the median
// is.
func Spread(vs []float64) float64 {
	m := Median(vs)
	if m == 0 {
		return 0
	}
	return (Quantile(vs, 0.75) - Quantile(vs, 0.25)) / m
}

// Confidence returns the bounds between which the median lies of what vs are a sample of,
// with a probability of 95 %, whatever their distribution is. The bounds are values of vs.
// Of fewer than six they are the least and the greatest, and promise less.
func Confidence(vs []float64) (low, high float64) {
	if len(vs) == 0 {
		return math.NaN(), math.NaN()
	}
	sorted := slices.Sorted(slices.Values(vs))
	// Each value is below that median with a probability of one half. So how many are has a
	// binomial distribution, of whose normal approximation 95 % lie within 1.96 deviations.
	n := len(sorted)
	rank := max(int((float64(n+1)-1.96*math.Sqrt(float64(n)))/2), 1) // from 1
	return sorted[rank-1], sorted[n-rank]
}
