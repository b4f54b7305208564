module github.com/bruskajp/nano_services/internal/checks

go 1.26

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/bruskajp/nano_services v0.0.0
)

replace github.com/bruskajp/nano_services => ../..
