// Package browser has tests that look at the pages of the examples with a browser.
//
//	go -C internal/browser test . -args -screenshots /tmp
//
// They need Chromium, and are skipped without it, except in CI.
package browser
