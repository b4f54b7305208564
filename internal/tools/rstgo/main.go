// Command rstgo checks the Go code in reStructuredText files.
//
//	go run ./rstgo -root dir file.rst...
//
// Each block of a directive "code-block:: go" (or "code", or "sourcecode") has to be
// Go: a file, declarations or statements. One that begins with package main, after
// comments, has to compile as a package of the module in root. The exit status is 1
// if one does not. Whether programs print what the text says is left to tests.
//
// Nor may there be a placeholder anywhere in the text, of a figure that was to be
// filled in: a name behind two at signs, or one that begins with what a benchmark does
// and an underscore, in capitals.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	root := flag.String("root", "../..", "the module that programs are compiled in")
	flag.Parse()
	failed := false
	for _, file := range flag.Args() {
		text, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, "rstgo:", err)
			os.Exit(2)
		}
		for _, p := range placeholders(string(text)) {
			fmt.Printf("%s:%d: the placeholder %s was not filled in\n", file, p.line, p.name)
			failed = true
		}
		for _, b := range blocks(string(text)) {
			if err := b.check(*root); err != nil {
				fmt.Printf("%s:%d: %v\n", file, b.line, err)
				failed = true
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}

// A placeholder stands for a figure that is to be filled in.
type placeholder struct {
	line int // from 1
	name string
}

var unfilled = regexp.MustCompile(`@@[a-z0-9]+|\b(?:DO|CALL|LOOK)_[A-Z]+`)

// placeholders returns the placeholders in text.
func placeholders(text string) (found []placeholder) {
	for i, line := range strings.Split(text, "\n") {
		for _, name := range unfilled.FindAllString(line, -1) {
			found = append(found, placeholder{i + 1, name})
		}
	}
	return found
}

// A block is the Go code of one directive.
type block struct {
	line int // of the directive, from 1
	code string
}

var directive = regexp.MustCompile(`^(\s*)\.\. (?:code-block|code|sourcecode):: go\s*$`)

// blocks returns the blocks of Go code in text.
func blocks(text string) (found []block) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		m := directive.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		b := block{line: i + 1}
		var code []string
		for i+1 < len(lines) {
			next := lines[i+1]
			if strings.TrimSpace(next) != "" && len(next)-len(strings.TrimLeft(next, " \t")) <= len(m[1]) {
				break
			}
			i++
			if len(code) == 0 && strings.HasPrefix(strings.TrimSpace(next), ":") {
				continue // an option of the directive
			}
			code = append(code, next)
		}
		b.code = strings.TrimSpace(strings.Join(code, "\n")) + "\n"
		found = append(found, b)
	}
	return found
}

func (b block) check(root string) error {
	if _, err := format.Source([]byte(b.code)); err != nil {
		return fmt.Errorf("not Go: %w", err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", b.code, parser.PackageClauseOnly)
	if err != nil || f.Name.Name != "main" {
		return nil
	}
	return compile(root, b.code)
}

// compile builds code as a package that the module in root does not have: the go
// command is told that the file were there.
func compile(root, code string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "rstgo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	file, overlay := filepath.Join(tmp, "main.go"), filepath.Join(tmp, "overlay.json")
	if err := os.WriteFile(file, []byte(code), 0o644); err != nil {
		return err
	}
	replace, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(root, "internal", "rstgo", "main.go"): file},
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(overlay, replace, 0o644); err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-overlay", overlay, "-o", filepath.Join(tmp, "program"), "./internal/rstgo")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "PWD="+root)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("does not compile:\n%s", out)
	}
	return nil
}
