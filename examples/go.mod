module github.com/bruskajp/nano_services/examples

go 1.26.0

require (
	github.com/bruskajp/nano_services v0.0.0
	github.com/schollz/progressbar/v3 v3.19.1
	go.uber.org/goleak v1.3.0
	golang.org/x/sync v0.24.0
	golang.org/x/term v0.47.0
)

require (
	github.com/bruskajp/nano_services/cmd v0.0.0-00010101000000-000000000000 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	golang.org/x/mod v0.41.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
)

replace github.com/bruskajp/nano_services => ../

replace github.com/bruskajp/nano_services/cmd => ../cmd

tool github.com/bruskajp/nano_services/cmd/nanogen
