package against

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
)

// git runs git in a directory and returns what it writes.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	var complaint strings.Builder
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stderr = dir, &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(complaint.String()))
	}
	return string(out), nil
}

// line is git for what is one line.
func line(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := git(ctx, dir, args...)
	return strings.TrimSuffix(out, "\n"), err
}

// top returns the directory of the clone that dir is in.
func top(ctx context.Context, dir string) (string, error) {
	root, err := line(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return "", fmt.Errorf("an earlier commit can be had only in a clone of the repository: %w", err)
	}
	return root, nil
}

// resolve returns the hash of the commit that rev names, such as HEAD~3.
func resolve(ctx context.Context, root, rev string) (hash string, err error) {
	hash, err = line(ctx, root, "rev-parse", "--verify", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("there is no commit %q in %s: %w", rev, root, err)
	}
	return hash, nil
}

// describe returns a commit's short hash, its day and its subject.
func describe(ctx context.Context, root, hash string) (string, error) {
	return line(ctx, root, "log", "-1", "--format=%h %cs %s", hash)
}

// Now describes what the working tree that dir is in has: a commit, and whether there is
// more than that.
func Now(ctx context.Context, dir string) (string, error) {
	root, err := top(ctx, dir)
	if err != nil {
		return "", err
	}
	text, err := describe(ctx, root, "HEAD")
	if err != nil {
		return "", err
	}
	changes, err := git(ctx, root, "status", "--porcelain")
	if changes != "" {
		text += ", with uncommitted changes"
	}
	return text, err
}

// export writes the files of a commit below dir. Go files, except tests, and go.mod have
// the module's path replaced.
func export(ctx context.Context, root, hash, dir string, r renaming) error {
	archive, err := git(ctx, root, "archive", "--format=tar", hash)
	if err != nil {
		return err
	}
	into, err := os.OpenRoot(dir) // which lets nothing be written outside of it
	if err != nil {
		return err
	}
	defer into.Close()
	for files := tar.NewReader(strings.NewReader(archive)); ; {
		head, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("the archive of %s: %w", hash, err)
		case head.Typeflag != tar.TypeReg || strings.HasSuffix(head.Name, "_test.go"):
			continue
		}
		text, err := io.ReadAll(files)
		if err != nil {
			return fmt.Errorf("%s in the archive of %s: %w", head.Name, hash, err)
		}
		if path.Ext(head.Name) == ".go" || path.Base(head.Name) == "go.mod" {
			text = r.apply(text)
		}
		if err := into.MkdirAll(path.Dir(head.Name), 0o755); err != nil {
			return err
		}
		if err := into.WriteFile(head.Name, text, 0o644); err != nil {
			return err
		}
	}
}

// renaming replaces the path of a module: in imports, and also in strings, since code may
// look for its own functions in a stack.
type renaming struct {
	path *regexp.Regexp
	to   []byte
}

func rename(from, to string) renaming {
	// Whole words: the module nano_services is no part of nano_services_before.
	return renaming{regexp.MustCompile(`\b` + regexp.QuoteMeta(from) + `\b`), []byte(to)}
}

func (r renaming) apply(text []byte) []byte { return r.path.ReplaceAllLiteral(text, r.to) }

// modulePath returns the path of the module that a go.mod is of.
func modulePath(mod []byte) (string, error) {
	for text := range bytes.Lines(mod) {
		if words := bytes.Fields(text); len(words) >= 2 && string(words[0]) == "module" {
			return string(words[1]), nil
		}
	}
	return "", errors.New("there is no line \"module\" in go.mod")
}
