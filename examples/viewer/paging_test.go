package main

import (
	"fmt"
	"html"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
)

// longCall is a call of so many turns, ten seconds each if it is timed. Two of three
// are the agent's, and each hundredth has the word "refund".
func longCall(turns int, timed bool) *conversation {
	all := make([]callinsights.Turn, turns)
	for i := range all {
		say := agentSays
		if i%3 == 2 {
			say = customerSays
		}
		text := fmt.Sprintf("utterance %d of a long call", i+1)
		if i%100 == 99 {
			text += " about a refund"
		}
		var start, end callinsights.Seconds
		if timed {
			start, end = callinsights.Seconds(10*i), callinsights.Seconds(10*i+9)
		}
		all[i] = say(text, start, end)
	}
	return talking(0, all...)
}

func libraryOf(t *testing.T, calls ...*conversation) *library {
	t.Helper()
	l := newLibrary(256 << 20)
	for _, c := range calls {
		if err := l.add(c, 0); err != nil {
			t.Fatal(err)
		}
	}
	l.sort()
	return l
}

func TestPageOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		page, total int
		want        paging
	}{
		{1, 0, paging{1, 1, 1, 0, 0}},
		{1, 1, paging{1, 1, 1, 1, 1}},
		{1, 10, paging{1, 1, 1, 10, 10}},
		{1, 11, paging{1, 2, 1, 10, 11}},
		{2, 11, paging{2, 2, 11, 11, 11}},
		{2, 30, paging{2, 3, 11, 20, 30}},
		{4, 30, paging{3, 3, 21, 30, 30}},
		{math.MaxInt, 30, paging{3, 3, 21, 30, 30}},
	} {
		if diff := cmp.Diff(test.want, pageOf(test.page, test.total, 10)); diff != "" {
			t.Errorf("page %d of %d (-want +got):\n%s", test.page, test.total, diff)
		}
	}
}

// turnPattern finds the turns of a page, and relPattern the links to its neighbours.
var (
	turnPattern = regexp.MustCompile(`<li id="turn-(\d+)" class="turn s\d( follows)?">`)
	relPattern  = regexp.MustCompile(`href="([^"]*)" rel="(prev|next)"`)
)

// walk follows the links with that rel from a page on, and returns the turns on each.
func walk(t *testing.T, site http.Handler, path, rel string) (pages [][]int) {
	t.Helper()
	for path != "" {
		answer := get(site, path)
		if answer.Code != http.StatusOK {
			t.Fatalf("%s: got %d", path, answer.Code)
		}
		var turns []int
		for _, match := range turnPattern.FindAllStringSubmatch(answer.Body.String(), -1) {
			number, _ := strconv.Atoi(match[1])
			if len(turns) == 0 && match[2] != "" {
				t.Errorf("%s: it is not seen who says the first turn", path)
			}
			turns = append(turns, number)
		}
		pages = append(pages, turns)
		var next []string
		for _, link := range relPattern.FindAllStringSubmatch(answer.Body.String(), -1) {
			if link[2] == rel {
				next = append(next, html.UnescapeString(link[1]))
			}
		}
		if len(next) == 0 {
			return pages
		}
		if len(next) != 2 || next[0] != next[1] { // above the transcript, and below it
			t.Fatalf("%s: the links are %q", path, next)
		}
		address, err := url.Parse(next[0])
		if err != nil || address.Fragment != "transcript" || address.Query().Get("q") != "a refund" {
			t.Fatalf("%s leads to %q", path, next[0])
		}
		path, _, _ = strings.Cut(next[0], "#")
	}
	return pages
}

// TestTurnsInPages: the pages of a call have each turn once, in order, whichever way
// one goes through them.
func TestTurnsInPages(t *testing.T) {
	t.Parallel()
	for turns, wantPages := range map[int]int{1: 1, turnsPerPage: 1, turnsPerPage + 1: 2, 2*turnsPerPage + 7: 3} {
		calls := libraryOf(t, longCall(turns, true))
		site, path := newSite(calls, nil), "/calls/"+calls.all[0].key()+"?q=a+refund"
		var want []int
		for number := range turns {
			want = append(want, number+1)
		}
		forward, backward := walk(t, site, path, "next"), walk(t, site, path+"&page=99", "prev")
		if diff := cmp.Diff(want, slices.Concat(forward...)); diff != "" || len(forward) != wantPages {
			t.Errorf("%d turns on %d pages, want %d (-want +got):\n%s", turns, len(forward), wantPages, diff)
		}
		slices.Reverse(backward)
		if diff := cmp.Diff(forward, backward); diff != "" {
			t.Errorf("%d turns, backwards (-want +got):\n%s", turns, diff)
		}
		for _, page := range []string{"0", "x"} {
			answer := get(site, path+"&page="+page)
			if want := fmt.Sprintf("page: %q is not a number", page); answer.Code != http.StatusBadRequest || !strings.Contains(html.UnescapeString(answer.Body.String()), want) {
				t.Errorf("page %s: got %d without %q", page, answer.Code, want)
			}
		}
	}
}

// TestTurnLinks: every link to a turn leads to a page that has it: from the list, the
// timeline, the notes and what was found.
func TestTurnLinks(t *testing.T) {
	t.Parallel()
	c := longCall(3*turnsPerPage, true)
	for turn := 1; turn <= len(c.Turns); turn += 400 {
		c.Lists = append(c.Lists, list{"Next steps", []item{{Text: "note", Turn: turn, At: c.Turns[turn-1].Start}}})
	}
	calls := libraryOf(t, c)
	site, path := newSite(calls, nil), "/calls/"+c.key()
	has := make(map[string]map[string]bool) // turns of each page
	for page := range 3 {
		turns := make(map[string]bool)
		for _, match := range turnPattern.FindAllStringSubmatch(get(site, fmt.Sprintf("%s?page=%d", path, page+1)).Body.String(), -1) {
			turns["turn-"+match[1]] = true
		}
		has[strconv.Itoa(page+1)] = turns
	}
	has[""] = has["1"]
	for from, least := range map[string]int{
		"/?q=1200":                    1,
		path:                          turnsPerPage + 20,
		path + "?page=2&q=a+refund":   turnsPerPage + 20,
		path + "?page=3":              turnsPerPage + 20,
		path + "?page=3&q=refund+and": turnsPerPage + 20,
	} {
		base, err := url.Parse(from)
		if err != nil {
			t.Fatal(err)
		}
		links := regexp.MustCompile(`href="([^"]*#turn-\d+)"`).FindAllStringSubmatch(get(site, from).Body.String(), -1)
		if len(links) < least {
			t.Errorf("%s: %d links to turns, want %d at least", from, len(links), least)
		}
		for _, link := range links {
			to, err := base.Parse(html.UnescapeString(link[1]))
			if err != nil || to.Path != path || !has[to.Query().Get("page")][to.Fragment] || to.Query().Get("q") != base.Query().Get("q") {
				t.Errorf("%s: %s leads nowhere, %v", from, link[1], err)
			}
		}
	}
}

// TestFoundOnPages: of a call of several pages it is said which of them have what was
// searched for.
func TestFoundOnPages(t *testing.T) {
	t.Parallel()
	c, short := longCall(3*turnsPerPage, true), longCall(200, true)
	short.ID = "2"
	site := newSite(libraryOf(t, c, short), nil)
	hits := regexp.MustCompile(`(?s)<p class="note hits">(.*?)</p>`)
	tags := regexp.MustCompile(`<[^>]*>`)
	for path, want := range map[string]string{
		c.address("refund", 1):                   "Found on pages 1 2 3",
		c.address("1200", 1):                     "Found on page 3",
		c.address("1200 utterance-not-there", 2): "Found on page 3",
		c.address("nobody says this", 1):         "",
		c.address("", 1):                         "",
		short.address("refund", 1):               "",
	} {
		got := ""
		if match := hits.FindStringSubmatch(get(site, path).Body.String()); match != nil {
			got = tags.ReplaceAllString(match[1], "")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if diff := cmp.Diff([]int{100, turnsPerPage + 100, 2*turnsPerPage + 100}, newWords("refund").onPages(c)); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

// TestWholeDrawing: the drawing of every page shows all that was said, in few bars.
func TestWholeDrawing(t *testing.T) {
	t.Parallel()
	for name, timed := range map[string]bool{"timed": true, "not timed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := longCall(8*turnsPerPage, timed)
			for _, page := range []int{1, 3, 8} {
				drawing := draw(c, page)
				bars := 0
				for lane := range drawing.Lanes {
					bars += len(drawing.Lanes[lane].Bars)
					if missing := uncovered(t, c, drawing, lane); len(missing) > 0 {
						t.Errorf("page %d: no bar shows %d turns, such as %v", page, len(missing), missing[0])
					}
				}
				if bars > 1500 {
					t.Errorf("page %d: %d bars", page, bars)
				}
				checkFrame(t, drawing.Here)
				want := place{float64(page-1) / 8, float64(page) / 8}
				if got := placeOf(t, drawing.Here); math.Abs(got.from-want.from) > 0.01 || math.Abs(got.to-want.to) > 0.01 {
					t.Errorf("page %d is at %v, want about %v", page, got, want)
				}
			}
			if got := draw(longCall(turnsPerPage, timed), 1).Here; got != (bar{}) {
				t.Errorf("the only page is at %+v", got)
			}
		})
	}
}

// uncovered are the turns of a lane that lie in none of its bars.
func uncovered(t *testing.T, c *conversation, drawing *timeline, lane int) (missing []int) {
	t.Helper()
	var shown []place
	for _, b := range drawing.Lanes[lane].Bars {
		shown = append(shown, placeOf(t, b))
	}
	for i, at := range c.places() {
		isIn := func(p place) bool { return at.from > p.from-0.0002 && at.to < p.to+0.0002 }
		if c.Turns[i].Speaker == lane && at.to < 0.996 && !slices.ContainsFunc(shown, isIn) { // the last bars are moved into the drawing
			missing = append(missing, i+1)
		}
	}
	return missing
}

func placeOf(t *testing.T, b bar) place {
	t.Helper()
	x, err := strconv.ParseFloat(strings.TrimSuffix(b.X, "%"), 64)
	width, errWidth := strconv.ParseFloat(strings.TrimSuffix(b.Width, "%"), 64)
	if err != nil || errWidth != nil {
		t.Fatalf("a bar is at %q and %q wide", b.X, b.Width)
	}
	return place{x / 100, (x + width) / 100}
}

func TestBarsOfOtherPages(t *testing.T) {
	t.Parallel()
	c := longCall(turnsPerPage+4, true)
	c.Turns[turnsPerPage+2].Start += time.Hour // far from the others
	c.Turns[turnsPerPage+2].End += time.Hour
	c.Turns[turnsPerPage+3].Start = c.Turns[turnsPerPage].Start + time.Second // during another one
	c.Turns[turnsPerPage+3].End = c.Turns[turnsPerPage].End + time.Hour
	var got []string
	for _, lane := range draw(c, 1).Lanes {
		for _, b := range lane.Bars {
			if b.Turn > turnsPerPage {
				got = append(got, b.Label)
			}
		}
	}
	want := []string{
		"1:23:20 Bob: utterance 501 of a long call (and 1 more, page 2)",
		"1:23:30 Ada: utterance 502 of a long call (page 2)",
		"2:23:40 Ada: utterance 503 of a long call (page 2)",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("apart (-want +got):\n%s", diff)
	}
	lane := draw(c, 1).Lanes[1]
	if at := placeOf(t, lane.Bars[len(lane.Bars)-1]); at.to < c.places()[turnsPerPage+3].to-0.001 {
		t.Errorf("two in one end at %v", at.to)
	}
	labels := regexp.MustCompile(`^0:00 Ada: utterance 1 of a long call \(and \d+ more, page 1\)$`)
	if label := draw(c, 2).Lanes[0].Bars[0].Label; !labels.MatchString(label) {
		t.Errorf("together: got %q", label)
	}
}

// zigzag is a call of one speaker, who says each second thing an hour later.
func zigzag(turns int) *conversation {
	all := make([]callinsights.Turn, turns)
	for i := range all {
		at := callinsights.Seconds(i % 2 * 3600)
		all[i] = agentSays("hello there", at, at+1)
	}
	return talking(0, all...)
}

// crowd is a call of so many speakers, of whom those with the highest numbers talk most.
func crowd(speakers int, timed bool) *conversation {
	all := make([]callinsights.Turn, speakers)
	for i := range all {
		all[i] = callinsights.Turn{Speaker: fmt.Sprintf("Speaker %d", i+1), Text: strings.Repeat("a", i%101)}
		if timed {
			all[i].Start, all[i].End = callinsights.Seconds(i), callinsights.Seconds(2*i+1)
		}
	}
	return talking(0, all...)
}

// noted is a short call of which a service noted a lot.
func noted(items int) *conversation {
	c := talking(0, agentSays("hello there", 0, 2), customerSays("hello", 2, callinsights.Seconds(items)))
	for _, name := range []string{"Next steps", "Highlights", "Notes"} {
		var all []item
		for i := range items {
			all = append(all, item{Text: fmt.Sprintf("a long highlight text %d", i+1), Turn: 2, Who: "Bob", At: time.Duration(i) * time.Second})
		}
		c.addList(name, all)
	}
	for i := range items {
		c.Summary = append(c.Summary, fmt.Sprintf("A paragraph of the summary %d", i+1))
		c.addFact("Collected", fmt.Sprintf("a fact %d", i+1))
	}
	return c
}

// TestWholeZigzag: in whatever order the turns are, few bars show them all.
func TestWholeZigzag(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*conversation{"two places": zigzag(5000), "a crowd": crowd(maxLanes, true)} {
		for _, page := range []int{1, 4} {
			drawing := draw(c, page)
			bars := 0
			for lane := range drawing.Lanes {
				bars += len(drawing.Lanes[lane].Bars)
				if missing := uncovered(t, c, drawing, lane); len(missing) > 0 {
					t.Errorf("%s, page %d: no bar shows %d turns, such as %v", name, page, len(missing), missing[0])
				}
			}
			if bars > turnsPerPage+10 {
				t.Errorf("%s, page %d: %d bars", name, page, bars)
			}
		}
	}
	want := []bar{
		{Turn: 1, X: "0.00%", Width: "0.35%", Label: "0:00 Ada: hello there (and 499 more, pages 1 to 2)"},
		{Turn: 2, X: "99.65%", Width: "0.35%", Label: "1:00:00 Ada: hello there (and 499 more, pages 1 to 2)"},
	}
	if diff := cmp.Diff(want, draw(zigzag(2*turnsPerPage+1), 3).Lanes[0].Bars[:2]); diff != "" {
		t.Errorf("the bars of other pages (-want +got):\n%s", diff)
	}
}

// TestManyBars: however scattered turns are, there are not too many bars, and they show all of them.
func TestManyBars(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]callinsights.Turn, 20*turnsPerPage)
	for i := range all {
		at := callinsights.Seconds(random.Float64() * 36_000)
		all[i] = callinsights.Turn{Speaker: strconv.Itoa(random.IntN(maxLanes)), Text: "x", Start: at, End: at + callinsights.Seconds(random.Float64())}
	}
	c := talking(0, all...)
	drawing := draw(c, 3)
	bars := 0
	for lane := range drawing.Lanes {
		numbers := make([]int, 0, len(drawing.Lanes[lane].Bars))
		for _, b := range drawing.Lanes[lane].Bars {
			numbers = append(numbers, b.Turn)
		}
		if bars += len(numbers); !slices.IsSorted(numbers) {
			t.Errorf("the keyboard goes through lane %d as %v", lane, numbers)
		}
		if missing := uncovered(t, c, drawing, lane); len(missing) > 0 {
			t.Errorf("no bar shows %d turns, such as %v", len(missing), missing[0])
		}
	}
	if bars < maxBars/2 || bars > maxBars {
		t.Errorf("%d bars", bars)
	}
}

// TestFineBars: turns of other pages that are apart stay so while there is room.
func TestFineBars(t *testing.T) {
	t.Parallel()
	all := make([]callinsights.Turn, maxBars)
	for i := range all {
		all[i] = callinsights.Turn{Speaker: strconv.Itoa(i % maxLanes), Text: "x", Start: callinsights.Seconds(i), End: callinsights.Seconds(i + 1)}
	}
	bars := 0
	for _, lane := range draw(talking(0, all...), 1).Lanes {
		bars += len(lane.Bars)
	}
	if bars != maxBars {
		t.Errorf("%d bars of %d turns", bars, maxBars)
	}
}

// TestCrowd: of many speakers those who talk most are shown, in the order in which
// they first speak, and how many there are.
func TestCrowd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		speakers int
		note     string
	}{
		"room for all": {maxLanes, ""},
		"one too many": {maxLanes + 1, "Of 31 speakers, the 30 who talk most have a lane."},
		"far too many": {maxLanes + 70, "Of 100 speakers, the 30 who talk most have a lane."},
	} {
		c := crowd(test.speakers, false)
		var want, got []string
		for i := range maxLanes {
			want = append(want, fmt.Sprintf("Speaker %d", test.speakers-maxLanes+i+1))
		}
		for _, lane := range draw(c, 1).Lanes {
			got = append(got, lane.Name)
			if len(lane.Bars) != 1 || c.Speakers[c.Turns[lane.Bars[0].Turn-1].Speaker].Name != lane.Name {
				t.Errorf("%s: %s has the bars %v", name, lane.Name, lane.Bars)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		text := get(newSite(libraryOf(t, c), nil), "/calls/"+c.key()).Body.String()
		more := fmt.Sprintf("</tbody></table>\n<p class=\"note more\">And %d more.</p>", test.speakers-maxLanes)
		if strings.Contains(text, "have a lane") != (test.note != "") || !strings.Contains(text, test.note) || strings.Contains(text, more) != (test.note != "") {
			t.Errorf("%s: the page does not say how many there are", name)
		}
		if strings.Count(text, `<text class="lane"`) != maxLanes || strings.Count(text, `class="turn s`) != test.speakers {
			t.Errorf("%s: the page has other lanes or turns", name)
		}
	}
}

// TestManyNotes: of all that a service noted as much is listed as there is room for,
// and how much more there is.
func TestManyNotes(t *testing.T) {
	t.Parallel()
	for _, items := range []int{1, maxListed, maxListed + 7} {
		c := noted(items)
		text := get(newSite(libraryOf(t, c), nil), "/calls/"+c.key()).Body.String()
		listed := min(items, maxListed)
		for what, want := range map[string]int{
			"<bdi>a long highlight text ": 3 * listed,
			"<bdi>a fact ":                listed,
			`<p dir="auto">A paragraph`:   listed,
			`And 7 more.`:                 5 * (items - listed) / 7,
			`And `:                        5 * (items - listed) / 7,
			`<circle class="moment" cx`:   min(3*items, maxMoments) + 1, // one explains them
			fmt.Sprintf("(and %d more)", 3*items-maxMoments): min(max(3*items-maxMoments, 0), 1),
			fmt.Sprintf(" text %d</bdi>", listed):            3,
		} {
			if got := strings.Count(text, what); got != want {
				t.Errorf("%d of each: %q is there %d times, want %d", items, what, got, want)
			}
		}
	}
}

// TestFoundOnManyPages: of many pages that have what was searched for, the first are
// named.
func TestFoundOnManyPages(t *testing.T) {
	t.Parallel()
	c := longCall((maxListed+2)*turnsPerPage, true)
	text := get(newSite(libraryOf(t, c), nil), c.address("refund", 1)).Body.String()
	want := fmt.Sprintf(">%d</a> and 2 more</p>", maxListed)
	if !strings.Contains(text, want) {
		t.Errorf("the page lacks %q", want)
	}
}

// TestPageSize: a page of any call is one that a browser shows at once.
func TestPageSize(t *testing.T) {
	t.Parallel()
	longName := longCall(2*turnsPerPage, true)
	longName.Speakers[0].Name = strings.Repeat("W", 1<<20)
	for name, c := range map[string]*conversation{
		"timed":              longCall(20_000, true),
		"not timed":          longCall(20_000, false),
		"back and forth":     zigzag(80_000),
		"a crowd":            crowd(40_000, true),
		"a crowd, not timed": crowd(40_000, false),
		"much noted":         noted(80_000),
		"a long name":        longName,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := newSite(libraryOf(t, c), nil)
			for _, page := range []int{1, 2, 20} {
				if size := get(site, c.address("refund", page)).Body.Len(); size > 700<<10 {
					t.Errorf("page %d: %d bytes", page, size)
				}
			}
		})
	}
}

// TestLongCall goes through a call of several pages in a browser: by the bars of
// other pages, by what was found, and by the keyboard.
func TestLongCall(t *testing.T) {
	t.Parallel()
	c := longCall(3*turnsPerPage, true)
	calls := libraryOf(t, c)
	address := serveCalls(t, calls)
	b := openTab(t, 1280, 900)
	b.do(t, chromedp.Navigate(address+"/?q=1200"), chromedp.Click(chromedp.CSS("tbody .title")))
	b.target(t, c, 1200)
	b.do(t, chromedp.Click(chromedp.CSS(`.timeline a[href*="page=2"]`)), chromedp.WaitVisible(chromedp.CSS(`.turn:target`)))
	if number := ask[int](t, b, `Number(document.querySelector('.turn:target').id.slice(5))`); pageOfTurn(number) != 2 {
		t.Errorf("a bar of page 2 leads to turn %d", number)
	} else {
		b.target(t, c, number)
	}
	b.do(t, until(`(scrollTo(0, 0), scrollY === 0)`), chromedp.Click(chromedp.CSS(".hits a"))) // which the timeline may lie over
	b.target(t, c, 1200)

	for _, step := range []struct {
		rel   string
		first int
	}{{"prev", turnsPerPage + 1}, {"prev", 1}, {"next", turnsPerPage + 1}} {
		b.do(t, chromedp.Focus(chromedp.CSS(`[rel="`+step.rel+`"]`)), chromedp.KeyEvent("\r"),
			chromedp.WaitVisible(chromedp.CSS(fmt.Sprintf("#turn-%d", step.first))),
			until(`document.activeElement.id === 'transcript'`)) // where a screen reader goes on
	}
	for _, name := range []string{"light", "dark"} {
		b.do(t, scheme(name))
		for _, poor := range ask[[]string](t, b, contrastScript) {
			t.Errorf("%s: %s", name, poor)
		}
	}
	b.do(t, chromedp.EmulateViewport(320, 800), chromedp.Navigate(address+c.address("refund", 2)))
	if over := ask[int](t, b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("on a phone it sticks out by %d", over)
	}
}
