// Nanogen makes the exported methods of a struct the methods of a service.
//
// Usage:
//
//	nanogen -type T[,U...] [-new F] [-pool] [-remote [-client DIR]] [-out FILE] [-check]
//	nanogen -version
//
// It is normally run by go generate, in the directory of the package:
//
//	//go:generate go tool nanogen -type Counter
//
// For a struct Counter with a constructor NewCounter it writes counter_service.go,
// with the type CounterService, its constructor NewCounterService, and the interface
// CounterCalls. What these do, and what a method becomes, is told in
// docs/generator.rst.
//
// The flags are:
//
//	-type T,U
//		The structs, separated by commas. Each gets a file of its own.
//	-new F
//		The constructor, if it is not NewT or newT. Only with one type.
//	-pool
//		For each struct a pool of services as well: CounterPool.
//	-remote
//		For each struct a file counter_remote.go as well, for other processes: the
//		type CounterClient, which calls a service there, and BindCounter, which serves one
//		to them.
//	-client DIR
//		Clients go into another package, which does not import that of the structs.
//	-out FILE
//		The file, or if it does not end in .go the directory, to write. With several
//		types, a file has all of them. In another directory the proxy belongs to
//		another package.
//	-check
//		Write nothing. If a file is missing or is not what would be written, print
//		the difference and fail. With -remote, print the signatures that are not those
//		of the file in git: clients and services from before and after do not
//		understand each other there.
//	-version
//		Print the version.
//
// Whatever cannot be a service's method is refused, all of it at once, as
// file:line:col: Type.Method: reason; then nothing is written, and the exit status
// is 1. It is 2 if the command was used wrongly.
package main

import (
	"errors"
	"flag"
	"fmt"
	"go/token"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "nanogen:", err)
		os.Exit(1)
	}
	os.Exit(run(dir, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `usage: nanogen -type T[,U...] [-new F] [-pool] [-remote [-client DIR]] [-out FILE] [-check]
       nanogen -version

  -type T,U   the structs, separated by commas; each gets a file of its own
  -new F      the constructor, if it is not NewT or newT; only with one type
  -pool       for each struct a pool of services as well
  -remote     for each struct a client and a binding for other processes as well
  -client DIR put the clients into another package, which does not import the structs'
  -out FILE   the file, or if it does not end in .go the directory, to write
  -check      write nothing, and fail with the difference if a file is not up to date;
              with -remote, print the signatures that are not those of the file in git
  -version    print the version
  -h          print this

It is normally run by go generate, by a line //go:generate go tool nanogen -type T
`

// command is what the flags ask for.
type command struct {
	dir    string // of the package; positions are printed relative to it
	types  []string
	build  string // the constructor; "" if it is to be found
	pools  bool
	remote bool
	client string // as it was given
	out    string // as it was given
	check  bool
}

// line returns the command as it stands in the header of what it generates.
func (c *command) line() string {
	line := "nanogen -type " + strings.Join(c.types, ",")
	if c.build != "" {
		line += " -new " + c.build
	}
	if c.pools {
		line += " -pool"
	}
	if c.remote {
		line += " -remote"
	}
	if c.client != "" {
		line += " -client " + portable(c.client)
	}
	if c.out != "" {
		line += " -out " + portable(c.out)
	}
	return line
}

// run is main, in the package of dir. It returns the exit status.
func run(dir string, args []string, stdout, stderr io.Writer) int {
	c := command{dir: dir}
	flags := flag.NewFlagSet("nanogen", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var version bool
	var list string
	flags.StringVar(&list, "type", "", "")
	flags.StringVar(&c.build, "new", "", "")
	flags.BoolVar(&c.pools, "pool", false, "")
	flags.BoolVar(&c.remote, "remote", false, "")
	flags.StringVar(&c.client, "client", "", "")
	flags.StringVar(&c.out, "out", "", "")
	flags.BoolVar(&c.check, "check", false, "")
	flags.BoolVar(&version, "version", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case version:
		fmt.Fprintln(stdout, "nanogen", versionOf(debug.ReadBuildInfo()))
		return 0
	default:
		err = c.names(list)
	}
	if err != nil {
		fmt.Fprintf(stderr, "nanogen: %v\n%s", err, usage)
		return 2
	}
	return c.run(stdout, stderr)
}

// names takes the types, and looks whether all names can be names.
func (c *command) names(list string) error {
	if list == "" {
		return errors.New("-type is missing")
	}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if !token.IsIdentifier(name) {
			return fmt.Errorf("-type: %q is not the name of a type", name)
		}
		if slices.Contains(c.types, name) {
			return fmt.Errorf("-type: %s is there twice", name)
		}
		c.types = append(c.types, name)
	}
	if c.build != "" && !token.IsIdentifier(c.build) {
		return fmt.Errorf("-new: %q is not the name of a function", c.build)
	}
	if c.build != "" && len(c.types) > 1 {
		return errors.New("-new names the constructor of one type: run nanogen once for each")
	}
	if c.client != "" && !c.remote {
		return errors.New("-client is where clients go, and there are none without -remote")
	}
	return nil
}

func (c *command) run(stdout, stderr io.Writer) int {
	files, found, err := generate(c)
	if err != nil {
		fmt.Fprintln(stderr, "nanogen:", err)
		return 1
	}
	found.print(stderr)
	if len(found.refusals) > 0 {
		return 1
	}
	status := 0
	for _, f := range files {
		if c.check {
			if diff := f.stale(); diff != "" {
				fmt.Fprint(stdout, diff)
				status = 1
			}
			f.printChanged(stdout, stderr)
		} else if err := f.write(); err != nil {
			fmt.Fprintln(stderr, "nanogen:", err)
			status = 1
		}
	}
	if c.check && status != 0 {
		fmt.Fprintln(stderr, "nanogen: not up to date: go generate writes it anew")
	}
	return status
}

func versionOf(info *debug.BuildInfo, ok bool) string {
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
