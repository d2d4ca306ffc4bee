package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// serveCalls starts a viewer of calls, and returns its address.
func serveCalls(t *testing.T, calls *library) string {
	t.Helper()
	server := httptest.NewServer(newSite(calls, nil))
	t.Cleanup(server.Close)
	return server.URL
}

func demoLibrary(t *testing.T) *library {
	t.Helper()
	calls, err := load(settings{maxMiB: 64}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

// rowsScript finds the titles of the list.
const rowsScript = `[...document.querySelectorAll('tbody .title')].map(a => a.textContent)`

// TestWayThrough opens the list, searches, opens what was found, and follows bars
// to their utterances.
func TestWayThrough(t *testing.T) {
	t.Parallel()
	calls := demoLibrary(t)
	b := openTab(t, 1280, 900)
	b.do(t, chromedp.Navigate(serveCalls(t, calls)),
		chromedp.SendKeys(chromedp.CSS("#q"), "Filter"), chromedp.Submit(chromedp.CSS("#q")), chromedp.WaitVisible(chromedp.CSS(".reset")))
	wanted := filter{words: newWords("filter")}
	if diff := cmp.Diff(titles(wanted.find(calls)), ask[[]string](t, b, rowsScript)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	b.do(t, chromedp.Click(chromedp.CSS("tbody .title")), chromedp.WaitVisible(chromedp.CSS(".turn:target mark")))
	call := wanted.find(calls)[0]
	place := wanted.words.firstTurn(call, "")
	b.target(t, call, place)
	for _, number := range []int{len(call.Turns), 1} {
		b.do(t, chromedp.Click(chromedp.CSS(fmt.Sprintf(`.timeline a[href="#turn-%d"]`, number))))
		b.target(t, call, number)
	}
}

// target waits until an utterance is the one that the address names, and checks
// that it is the right one and can be seen.
func (b *tab) target(t *testing.T, call *conversation, number int) {
	t.Helper()
	turn := fmt.Sprintf("#turn-%d:target", number)
	b.do(t, chromedp.WaitVisible(chromedp.CSS(turn)), until(fmt.Sprintf(`(() => {
		const line = document.querySelector('.timeline').getBoundingClientRect();
		const said = document.querySelector('%s').getBoundingClientRect();
		return said.top >= 0 && said.bottom <= innerHeight && (said.top >= line.bottom || said.bottom <= line.top);
	})()`, turn)))
	got := ask[[]string](t, b, fmt.Sprintf(`[document.querySelector('h1').textContent,
		...['.who', '.text'].map(part => document.querySelector('%s ' + part).textContent)]`, turn))
	said := call.Turns[number-1]
	if diff := cmp.Diff([]string{call.Title, call.Speakers[said.Speaker].Name, said.Text}, got); diff != "" {
		t.Errorf("utterance %d (-want +got):\n%s", number, diff)
	}
}

func titles(calls []*conversation) []string {
	all := make([]string, len(calls))
	for i, c := range calls {
		all[i] = c.Title
	}
	return all
}

// shown is what a page says of a call.
type shown struct {
	Title, Said     string
	Lanes           []string
	Bars            []int
	Summary, Points []string
	Facts           []string
}

// shownScript reads it from the page.
const shownScript = `(() => {
	const texts = selector => [...document.querySelectorAll(selector)].map(e => e.textContent);
	return {
		Title: document.querySelector('h1').textContent,
		Said: [...document.querySelectorAll('.turn')].map(e => e.querySelector('.at').textContent + ' ' +
			e.querySelector('.who').textContent + ': ' + e.querySelector('.text').textContent).join('\n'),
		Lanes: texts('.lane'),
		Bars: [...document.querySelectorAll('.timeline g')].map(g => g.querySelectorAll('a').length),
		Summary: texts('.summary p'),
		Points: texts('.aside li > bdi'),
		Facts: [...document.querySelectorAll('dl div')].map(e => e.querySelector('dt').textContent + ': ' + e.querySelector('dd').textContent),
	};
})()`

// wantShown is what a page should say of a call.
func wantShown(c *conversation) shown {
	s := shown{Title: c.Title, Lanes: []string{}, Bars: make([]int, len(c.Speakers)), Summary: []string{}, Points: []string{}, Facts: []string{}}
	var lines []string
	for i, t := range c.Turns {
		at := strconv.Itoa(i + 1)
		if c.Timed {
			at = fmt.Sprintf("%d:%02d", int(t.Start.Minutes()), int(t.Start.Seconds())%60)
		}
		lines = append(lines, at+" "+c.Speakers[t.Speaker].Name+": "+t.Text)
		s.Bars[t.Speaker]++
	}
	s.Said = strings.Join(lines, "\n")
	for _, speaker := range c.Speakers {
		s.Lanes = append(s.Lanes, speaker.Name)
	}
	s.Summary = append(s.Summary, c.Summary...)
	for _, list := range c.Lists {
		for _, it := range list.Items {
			s.Points = append(s.Points, it.Text)
		}
	}
	for _, fact := range c.Facts {
		s.Facts = append(s.Facts, fact.Label+": "+fact.Value)
	}
	return s
}

// TestEveryCall compares each page with the data.
func TestEveryCall(t *testing.T) {
	t.Parallel()
	calls := demoLibrary(t)
	b := openTab(t, 1280, 900)
	address := serveCalls(t, calls)
	b.do(t, chromedp.Navigate(address))
	if diff := cmp.Diff(titles(calls.all), ask[[]string](t, b, rowsScript)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	for _, c := range calls.all {
		b.do(t, chromedp.Navigate(address+"/calls/"+c.key()))
		if diff := cmp.Diff(wantShown(c), ask[shown](t, b, shownScript)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.Title, diff)
		}
	}
}

// intruders counts what no page has but by a stranger's doing.
const intruders = `document.querySelectorAll('script, iframe, object, embed, img:not(.brand img), style, base, meta[http-equiv], ' +
	'[onerror], [onload], [onclick], [onfocus], [style], a[href^="javascript" i], b, marquee').length + (window.owned ? 1000 : 0)`

// TestStrangersText opens calls whose names and utterances are made to be taken for
// something else: as they are served, and with the browser told to ignore the
// policy of the pages, so that escaping alone has to do.
func TestStrangersText(t *testing.T) {
	t.Parallel()
	calls := hostileLibrary(t)
	address := serveCalls(t, calls)
	b := openTab(t, 1280, 900)
	for _, policy := range []bool{true, false} {
		b.do(t, send(page.SetBypassCSP, page.SetBypassCSPParams{Enabled: !policy}), chromedp.Navigate(address))
		for _, payload := range payloads {
			b.do(t, chromedp.Navigate(address+"/?q="+url.QueryEscape(payload)))
			if got := ask[int](t, b, intruders); got != 0 {
				t.Errorf("policy %t, search for %q: %d intruders", policy, payload, got)
			}
		}
		for _, path := range []string{"/", "/problems", "/calls/%3Cscript%3E", "/?from=%3Cscript%3Eowned=1%3C/script%3E"} {
			b.do(t, chromedp.Navigate(address+path))
			if got := ask[int](t, b, intruders); got != 0 {
				t.Errorf("policy %t, %s: %d intruders", policy, path, got)
			}
		}
		b.complaints.forgive("status of 40") // of the pages that are not there
		for _, c := range calls.all {
			b.do(t, chromedp.Navigate(address+"/calls/"+c.key()))
			if got := ask[int](t, b, intruders); got != 0 {
				t.Errorf("policy %t, %q: %d intruders", policy, c.Title, got)
			}
			want := wantShown(c)
			want.Said = strings.NewReplacer("\u202e", "⟨U+202E⟩", "\x07", "⟨U+0007⟩").Replace(want.Said)
			got := ask[shown](t, b, shownScript)
			if diff := cmp.Diff(want.Said, got.Said); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.Title, diff)
			}
		}
	}
}

// TestPolicy shows that the tests above would see a script that runs, and that
// the policy stops one that got into a page all the same.
func TestPolicy(t *testing.T) {
	t.Parallel()
	address := serveCalls(t, demoLibrary(t))
	const intrude = `document.body.insertAdjacentHTML('beforeend', '<img src="/assets/mark.svg?no" onload="owned = 1" onerror="owned = 1">'); 0`
	b := openTab(t, 1280, 900)
	for _, policy := range []bool{true, false} {
		b.do(t, send(page.SetBypassCSP, page.SetBypassCSPParams{Enabled: !policy}), chromedp.Navigate(address), chromedp.Evaluate[chromedp.Void](intrude),
			until(`document.body.lastChild.complete`), chromedp.Sleep(100*time.Millisecond))
		want := 1002 // the element, its handler, and what that did
		if policy {
			want = 1
		}
		got := ask[int](t, b, intruders)
		if ran := got >= 1000; ran == policy {
			t.Errorf("policy %t: found %d, want about %d", policy, got, want)
		}
		if complaints := b.complaints.take(); policy && !strings.Contains(strings.Join(complaints, "\n"), "Content Security Policy") {
			t.Errorf("the browser did not tell of the policy: %q", complaints)
		}
	}
}

// focusScript finds which of the stops has the focus, and whether one sees that.
const focusScript = `(() => {
	const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
	const ring = e.closest('svg') ? getComputedStyle(e.firstElementChild).stroke : style.outlineStyle;
	const inside = box.width > 0 && box.height > 0 && box.top >= -1 && box.left >= -1;
	return {Index: window.stops.indexOf(e), Marked: inside && ring !== 'none'};
})()`

// TestKeyboard goes through pages by the Tab key alone.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	calls := demoLibrary(t)
	address := serveCalls(t, calls)
	b := openTab(t, 1280, 900)
	for _, path := range []string{"/?q=filter", "/calls/" + calls.all[0].key()} {
		b.do(t, chromedp.Navigate(address+path))
		want := ask[int](t, b, `(window.stops = [...document.querySelectorAll('a[href], input, select, button')]).length`)
		marked := make([]bool, want) // whether one sees where the focus is
		last := -1
		for range 6 * want { // the days of a form are several stops each
			b.do(t, chromedp.KeyEvent("\t"))
			at := ask[struct {
				Index  int
				Marked bool
			}](t, b, focusScript)
			if at.Index < 0 {
				break // through, and out of the page
			}
			if at.Index < last {
				t.Errorf("%s: stop %d comes after %d", path, at.Index, last)
			}
			marked[at.Index] = marked[at.Index] || at.Marked
			last = at.Index
		}
		if missing := slices.Index(marked, false); missing >= 0 {
			t.Errorf("%s: the key does not lead to stop %d of %d, or one does not see it", path, missing, want)
		}
	}
	b.do(t, chromedp.Navigate(address+"/calls/"+calls.all[0].key()), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"),
		until(`document.activeElement.id === 'content'`),
		chromedp.Focus(chromedp.CSS(`.timeline a[href="#turn-7"]`)), chromedp.KeyEvent("\r"))
	b.target(t, calls.all[0], 7)
}

// TestAccessible looks at the pages as a screen reader does: there are landmarks,
// one heading above all others, and names for all that can be used.
func TestAccessible(t *testing.T) {
	t.Parallel()
	calls := demoLibrary(t)
	address := serveCalls(t, calls)
	b := openTab(t, 1280, 900)
	for path, landmarks := range map[string][]string{
		"/?q=filter":                     {"banner", "contentinfo", "main", "search", "table"},
		"/calls/" + calls.all[0].key():   {"banner", "contentinfo", "image", "list", "main", "navigation", "region", "table"},
		"/calls/" + calls.all[2].key():   {"banner", "contentinfo", "image", "list", "main", "navigation", "region", "table"},
		"/calls/there-is-none-like-that": {"banner", "contentinfo", "main", "alert"},
	} {
		b.do(t, chromedp.Navigate(address+path))
		tree, err := chromedp.Call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err != nil {
			t.Fatal(err)
		}
		roles := make(map[string]int)
		for _, node := range tree.Nodes {
			role, name := valueOf(t, node.Role), valueOf(t, node.Name)
			if node.Ignored {
				continue
			}
			roles[role]++
			switch role {
			case "link", "button", "searchbox", "textbox", "combobox", "Date", "region", "search", "image", "table", "heading", "navigation":
				if strings.TrimSpace(name) == "" {
					t.Errorf("%s: a %s has no name", path, role)
				}
			}
		}
		for _, landmark := range landmarks {
			if roles[landmark] == 0 {
				t.Errorf("%s: there is no %s", path, landmark)
			}
		}
		if n := ask[int](t, b, `document.querySelectorAll('h1').length`); n != 1 {
			t.Errorf("%s: %d headings of the first level", path, n)
		}
	}
	b.complaints.forgive("status of 404")
}

// valueOf is the text of a value of the accessibility tree, "" if there is none.
func valueOf(t *testing.T, v *accessibility.Value) (text string) {
	t.Helper()
	if v == nil || len(v.Value) == 0 {
		return ""
	}
	if err := json.Unmarshal(v.Value, &text); err != nil {
		t.Fatal(err)
	}
	return text
}

// contrastScript finds text whose contrast is below what WCAG 2.2 asks for at level AA.
const contrastScript = `(() => {
	const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
	const rgba = colour => {
		canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
		return [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255);
	};
	const light = c => c.slice(0, 3).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const behind = e => {
		for (; e; e = e.parentElement) {
			const c = rgba(getComputedStyle(e).backgroundColor);
			if (c[3] > .99) return c;
		}
		return [1, 1, 1, 1];
	};
	const poor = [];
	for (const e of document.querySelectorAll('body *')) {
		const text = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join('');
		const style = getComputedStyle(e);
		if (!text || !e.getClientRects().length || ['title', 'desc', 'option'].includes(e.localName)) continue;
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
		const [a, b] = [light(rgba(e.closest('svg') ? style.fill : style.color)), light(behind(e))].sort((x, y) => y - x);
		const ratio = (a + .05) / (b + .05);
		if (ratio < (large ? 3 : 4.5)) poor.push(e.localName + '.' + e.getAttribute('class') + ' ' + ratio.toFixed(2) + ': ' + text.slice(0, 40));
	}
	return poor;
})()`

// TestContrast measures the contrast of all text, by day and by night.
func TestContrast(t *testing.T) {
	t.Parallel()
	calls := demoLibrary(t)
	calls.report("somewhere:1", errNotJSON)
	address := serveCalls(t, calls)
	b := openTab(t, 1280, 900)
	for _, name := range []string{"light", "dark"} {
		b.do(t, scheme(name))
		paths := []string{"/", "/?q=filter", "/problems", "/?q=nothing+has+this"}
		for _, c := range calls.all {
			paths = append(paths, "/calls/"+c.key())
		}
		for _, path := range paths {
			b.do(t, chromedp.Navigate(address+path))
			for _, poor := range ask[[]string](t, b, contrastScript) {
				t.Errorf("%s %s: %s", name, path, poor)
			}
		}
	}
}

// TestWidths looks whether a page has to be moved sideways.
func TestWidths(t *testing.T) {
	t.Parallel()
	b := openTab(t, 1280, 800)
	for _, calls := range []*library{demoLibrary(t), hostileLibrary(t)} {
		address := serveCalls(t, calls)
		paths := []string{"/", "/problems"}
		for i, c := range calls.all {
			if i < 4 || strings.Contains(c.fold().rest, "wwww") { // the longest word
				paths = append(paths, "/calls/"+c.key())
			}
		}
		for _, width := range []int64{320, 768, 1024} {
			b.do(t, chromedp.EmulateViewport(width, 800))
			for _, path := range paths {
				b.do(t, chromedp.Navigate(address+path))
				if over := ask[int](t, b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("at a width of %d, %s sticks out by %d", width, path, over)
				}
			}
		}
	}
}

// TestScreenshots writes the pictures of README.md, if the flag says so.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	calls := demoLibrary(t)
	address := serveCalls(t, calls)
	b := openTab(t, 1280, 900)
	for _, shot := range []struct {
		file, path, scheme string
		width, height      int64
	}{
		{"list.png", "/?q=filter", "light", 1200, 760},
		{"call.png", "/calls/" + calls.all[0].key(), "light", 1200, 980},
		{"call-dark.png", "/calls/" + calls.all[0].key(), "dark", 1200, 980},
		{"phone.png", "/calls/" + calls.all[0].key(), "light", 390, 980},
	} {
		b.do(t, chromedp.EmulateViewport(shot.width, shot.height))
		b.do(t, scheme(shot.scheme), chromedp.Navigate(address+shot.path))
		picture, err := chromedp.Run(b, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		size, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil || int64(size.Width) != shot.width {
			t.Errorf("%s: %v, %d wide", shot.file, err, size.Width)
		}
		if *update {
			if err := os.WriteFile(filepath.Join("testdata", shot.file), picture, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
