package workloads

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
)

// memory is what the process has in use, in bytes.
type memory struct {
	heap     int64 // live objects
	stacks   int64
	resident int64 // what the operating system says; 0 where it cannot be asked
}

// readMemory collects garbage, gives what is free back, and reads. It takes a while.
func readMemory() memory {
	runtime.GC() // the second cycle frees what finalizers and pools still had
	debug.FreeOSMemory()
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(samples)
	return memory{
		heap:     int64(samples[0].Value.Uint64()),
		stacks:   int64(samples[1].Value.Uint64()),
		resident: status("VmRSS:"),
	}
}

// ResidentKnown reports whether the operating system says how much memory is resident:
// where there is a /proc as in Linux.
func ResidentKnown() bool { return status("VmRSS:") > 0 }

// Available returns how many MB of memory are available, or 0 if that cannot be known.
func Available() int {
	return int(field("/proc/meminfo", "MemAvailable:") >> 20)
}

func status(key string) int64 { return field("/proc/self/status", key) }

// field returns the bytes that a line of such a file counts in kB, or 0 if there is no
// such line.
func field(file, key string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		words := bytes.Fields(lines.Bytes())
		if len(words) == 3 && string(words[0]) == key && string(words[2]) == "kB" {
			n, err := strconv.ParseInt(string(words[1]), 10, 64)
			if err == nil {
				return n << 10
			}
		}
	}
	return 0
}
