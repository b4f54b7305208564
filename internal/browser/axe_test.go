package browser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is the text of axe-core, which looks for what keeps people from using a page. It is
// not in the repository: npm brings the package whose checksum is in testdata, and it is kept
// in the user's cache. Without npm the test is skipped, and in CI it fails.
func axe(t *testing.T) string {
	t.Helper()
	line, err := os.ReadFile("testdata/axe-core.sha256")
	if err != nil {
		t.Fatal(err)
	}
	want, name, _ := strings.Cut(strings.TrimSpace(string(line)), "  ")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "nano_services")
	file := filepath.Join(folder, name)
	pack, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		fetch(t, strings.TrimSuffix(strings.Replace(name, "core-", "core@", 1), ".tgz"), folder)
		pack, err = os.ReadFile(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(pack); hex.EncodeToString(sum[:]) != want {
		t.Fatalf("%s has the checksum %x, and not %s", file, sum, want)
	}
	return unpack(t, pack, "package/axe.min.js")
}

// fetch has npm bring a package.
func fetch(t *testing.T, version, folder string) {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no npm, which brings axe-core")
		}
		t.Skip("skipped: no npm, which brings axe-core")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(npm, "pack", "--pack-destination", folder, version).CombinedOutput(); err != nil {
		t.Fatalf("npm pack %s: %v\n%s", version, err, out)
	}
}

// unpack returns a file of a package.
func unpack(t *testing.T, pack []byte, name string) string {
	t.Helper()
	text, err := gzip.NewReader(bytes.NewReader(pack))
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewReader(text)
	for {
		head, err := files.Next()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if head.Name == name {
			all, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			return string(all)
		}
	}
}

// violations returns what axe finds on a page that is serious or worse.
func violations(t *testing.T, ctx context.Context, what, axe string) []string {
	t.Helper()
	do(t, ctx, what, chromedp.Evaluate[chromedp.Void](axe+"; void 0"))
	return get(t, ctx, what, chromedp.Evaluate[[]string](`axe.run().then(r => r.violations
		.filter(v => v.impact === "serious" || v.impact === "critical")
		.map(v => v.id + ": " + v.help + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).slice(0, 3).join(" | ")))`, chromedp.EvalAwaitPromise))
}
