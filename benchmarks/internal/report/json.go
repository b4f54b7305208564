package report

import (
	"encoding/json"
	"io"
	"math"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
)

// row is one result in JSON. The names are relied upon by others.
type row struct {
	Workload string   `json:"workload"`
	System   string   `json:"system"`
	NS       float64  `json:"ns"`
	Ratio    *float64 `json:"ratio"`
	Allocs   float64  `json:"allocs"`
	Bytes    float64  `json:"bytes"`
	Spread   float64  `json:"spread"`
	Rounds   int      `json:"rounds"`
}

// JSON writes results as an array of objects. A ratio is null where the baseline does
// not have the workload.
func JSON(w io.Writer, rs []harness.Result) error {
	rows := make([]row, 0, len(rs)) // not nil: an empty array is one, too
	for _, r := range rs {
		out := row{
			Workload: r.Workload, System: r.System, Rounds: r.Rounds,
			NS: rounded(r.NS), Allocs: rounded(r.Allocs), Bytes: rounded(r.Bytes), Spread: rounded(r.Spread),
		}
		if r.Ratio != 0 {
			v := rounded(r.Ratio)
			out.Ratio = &v
		}
		rows = append(rows, out)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}

// rounded leaves four digits behind the point.
func rounded(v float64) float64 { return math.Round(v*1e4) / 1e4 }
