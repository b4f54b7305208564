// Package browser has tests that look at the pages of the examples with a browser.
//
//	go -C internal/browser test . -args -screenshots /tmp
//
// They need Chromium, and npm for axe-core, which is fetched once; without them they are
// skipped, except in CI.
package browser
