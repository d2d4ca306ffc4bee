package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write the screenshots of README.md anew")

// tab is the page of a headless Chromium, which has a profile of its own.
type tab struct {
	context.Context // of chromedp
	complaints      *complaints
}

// complaints are what pages must not do, and what the browser refuses them.
type complaints struct {
	mu  sync.Mutex
	all []string
}

func (c *complaints) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

// forgive drops the complaints with that text.
func (c *complaints) forgive(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = slices.DeleteFunc(c.all, func(complaint string) bool { return strings.Contains(complaint, text) })
}

func (c *complaints) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	c.all = nil
	return all
}

// openTab starts a Chromium with a window of that size. It skips the test where
// there is none, but not in CI. At the end the test fails if there are complaints.
func openTab(t *testing.T, width, height int64) *tab {
	t.Helper()
	path := findChromium()
	if path == "" {
		const missing = "there is no Chromium: install Debian's package chromium, or set CHROMIUM to the path of one"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-GB"), chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // waits, so that the profile can be removed
	b := &tab{ctx, new(complaints)}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	b.do(t, send(log.Enable, cdp.Empty{}), send(page.Enable, page.EnableParams{}), chromedp.EmulateViewport(width, height),
		send(emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: "en-GB"}))
	t.Cleanup(func() {
		for _, complaint := range b.complaints.take() {
			t.Error(complaint)
		}
	})
	return b
}

func findChromium() string {
	names := []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
}

// listen notes all that a page does by a script, and all that the browser finds
// fault with, such as what the policy of the page forbids.
func (b *tab) listen(event any) {
	switch e := event.(type) {
	case *page.EventJavascriptDialogOpening:
		b.complaints.add("a dialog opened: %s", e.Message)
		go func() { _ = chromedp.Do(b, send(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})) }()
	case *runtime.EventConsoleAPICalled:
		b.complaints.add("a script wrote to the console")
	case *runtime.EventExceptionThrown:
		b.complaints.add("a script failed: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.complaints.add("the browser says: %s (%s)", e.Entry.Text, e.Entry.URL)
	}
}

func (b *tab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		t.Fatal(err)
	}
}

// send is the action that sends a command of the browser's protocol.
func send[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// scheme makes it day or night, "light" or "dark".
func scheme(name string) chromedp.Action[chromedp.Void] {
	return send(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}

// ask returns what a script finds on the page, which the policy does not keep the
// test from.
func ask[T any](t *testing.T, b *tab, script string) T {
	t.Helper()
	answer, err := chromedp.Run(b, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// until waits until a script finds that something is so.
func until(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](script, chromedp.WithPollingTimeout(10*time.Second))
}
