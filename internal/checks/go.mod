module github.com/bruskajp/nano_services/internal/checks

go 1.26.0

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/bruskajp/nano_services v0.0.0
	github.com/google/pprof v0.0.0-20250403155104-27863c87afa6
	github.com/thejerf/suture/v4 v4.0.6
	go.uber.org/goleak v1.3.0
	pgregory.net/rapid v1.3.0
)

require golang.org/x/sync v0.24.0 // indirect

replace github.com/bruskajp/nano_services => ../..
