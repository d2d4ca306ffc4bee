package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go"
)

// timeline is the drawing of a call: a lane for each speaker, a bar for each turn.
// Widths and places across are in percent of the drawing, so that it fits any
// screen; heights are in pixels.
type timeline struct {
	Here     bar // what is on the page; no width if that is all
	Lanes    []lane
	Unseen   int   // speakers who have no lane, as they talk less
	Moments  []bar // of next steps, highlights and the like, without width
	Unmarked int   // those of them that there is no room for
	MomentY  int
	Shares   []bar  // the lanes' parts of the talk, one beside the other
	Ticks    []tick // none where the turns have no times
	Height   int
}

// lane is what one speaker says.
type lane struct {
	Speaker speaker
	Name    string // as much of it as there is room for
	Share   string // of the talk, such as "56 %"
	Talk    string // such as "0:41", or "212 characters"
	LabelY  int
	BarY    int
	Bars    []bar
}

// bar is a turn, or the first of several.
type bar struct {
	Turn     int // its number, from 1; where a bar is no turn, its colour
	X, Width string
	Label    string
}

// tick is a mark of the time.
type tick struct{ X, Label string }

// The heights of the drawing, in pixels.
const (
	laneHeight = 46
	labelDrop  = 14 // of a lane's label
	barDrop    = 21 // of its bars

	momentHeight = 24
	momentDrop   = 12 // of the middle of the marks
	axisHeight   = 22
)

// shortest is the least width of a bar, in percent: it must be seen and hit.
const shortest = 0.35

// What there is room for, whatever is in a call.
const (
	maxLanes   = 30
	maxBars    = turnsPerPage + 800 // in all lanes; those of the page that is shown and of the others
	maxMoments = 300
)

// draw lays out a call, of which one page is shown.
func draw(c *conversation, page int) *timeline {
	talked, total := c.weigh()
	places := c.places()
	speakers := loudest(talked)
	bars := c.bars(places, speakers, page)
	t := &timeline{Here: here(places, page), Lanes: make([]lane, len(speakers)), Unseen: len(c.Speakers) - len(speakers)}
	var before float64
	for n, i := range speakers {
		t.Lanes[n] = lane{
			Speaker: c.Speakers[i], Name: shorten(c.Speakers[i].Name, 60),
			Share: percent(talked[i], total), Talk: c.amount(talked[i]),
			LabelY: t.Height + labelDrop, BarY: t.Height + barDrop, Bars: bars[n],
		}
		if talked[i] > 0 {
			after := before + talked[i]/total
			t.Shares = append(t.Shares, bar{Turn: c.Speakers[i].Colour, X: across(before * 100), Width: across((after - before) * 100)})
			before = after
		}
		t.Height += laneHeight
	}
	if c.Timed {
		t.Ticks = ticks(c.span())
		t.Moments, t.Unmarked = c.moments()
	}
	if len(t.Moments) > 0 {
		t.MomentY = t.Height + momentDrop
		t.Height += momentHeight
	}
	if len(t.Ticks) > 0 {
		t.Height += axisHeight
	}
	return t
}

// loudest are the speakers that have a lane, in their order: those who talk most if
// there is not room for all.
func loudest(talked []float64) []int {
	all := make([]int, len(talked))
	for i := range all {
		all[i] = i
	}
	if len(all) > maxLanes {
		slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(talked[b], talked[a]) })
		all = slices.Sorted(slices.Values(all[:maxLanes]))
	}
	return all
}

// bars are those of each lane. Turns of pages that are not shown are one bar where
// they would lie over each other, as a call of a day has tens of thousands of them,
// and where else there would be too many.
func (c *conversation) bars(places []place, speakers []int, shown int) [][]bar {
	lanes := c.lanes(places, speakers)
	all := make([][]bar, len(lanes))
	for i, lane := range joinedLanes(places, lanes, shown) {
		for _, s := range lane {
			all[i] = append(all[i], bar{Turn: s.turn, X: s.x(), Width: s.width(), Label: c.label(s.turn-1) + s.note(shown)})
		}
	}
	return all
}

// lanes are the turns of these speakers, from 0, as they follow in the drawing.
func (c *conversation) lanes(places []place, speakers []int) [][]int {
	laneOf := make(map[int]int, len(speakers))
	for lane, speaker := range speakers {
		laneOf[speaker] = lane
	}
	lanes := make([][]int, len(speakers))
	for i := range c.Turns {
		if lane, isDrawn := laneOf[c.Turns[i].Speaker]; isDrawn {
			lanes[lane] = append(lanes[lane], i)
		}
	}
	for _, turns := range lanes {
		slices.SortFunc(turns, func(a, b int) int { return cmp.Or(cmp.Compare(places[a].from, places[b].from), cmp.Compare(a, b)) })
	}
	return lanes
}

// joinedLanes are as fine as there is room for.
func joinedLanes(places []place, lanes [][]int, shown int) [][]stretch {
	all := make([][]stretch, len(lanes))
	for apart := shortest / 100; ; apart *= 2 {
		bars := 0
		for i, turns := range lanes {
			all[i] = joined(places, turns, shown, apart)
			bars += len(all[i])
		}
		if bars <= maxBars {
			return all
		}
	}
}

// stretch is one turn, or several of one speaker.
type stretch struct {
	place

	turn        int // the number of the first, from 1
	more        int
	first, last int // pages that have them
}

// joined are the turns of a lane, joined where they are not of the page that is
// shown: those stretches begin so far apart, in whatever order they were said.
func joined(places []place, turns []int, shown int, apart float64) []stretch {
	var all []stretch
	open := -1 // the one that may take in the next turn
	for _, i := range turns {
		page := pageOfTurn(i + 1)
		s := stretch{place: places[i], turn: i + 1, first: page, last: page}
		if page != shown && open >= 0 && all[open].join(&s, apart) {
			continue
		}
		all = append(all, s)
		if page != shown {
			open = len(all) - 1
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Compare(a.turn, b.turn) })
	return all
}

// join takes in a later turn that would lie over the rest. One of another page is
// seen beside it if there is room.
func (s *stretch) join(next *stretch, apart float64) bool {
	isOver := next.from <= s.to && s.first == next.first && s.last == next.last
	if next.from > s.from+apart && !isOver {
		return false
	}
	s.to = max(s.to, next.to)
	s.first, s.last = min(s.first, next.first), max(s.last, next.last)
	s.more++
	return true
}

// note says what a label does not say of the first turn.
func (s *stretch) note(shown int) string {
	switch {
	case s.first == shown:
		return ""
	case s.more == 0:
		return fmt.Sprintf(" (page %d)", s.first)
	case s.first == s.last:
		return fmt.Sprintf(" (and %d more, page %d)", s.more, s.first)
	default:
		return fmt.Sprintf(" (and %d more, pages %d to %d)", s.more, s.first, s.last)
	}
}

// here is what a page has of the drawing.
func here(places []place, page int) bar {
	shown := pageOf(page, len(places), turnsPerPage)
	if shown.Pages == 1 {
		return bar{}
	}
	whole := places[shown.First-1]
	for _, at := range places[shown.First-1 : shown.Last] {
		whole = place{min(whole.from, at.from), max(whole.to, at.to)}
	}
	return bar{X: whole.x(), Width: whole.width()}
}

// moments are the items that are about a turn, and how many more of them there are.
func (c *conversation) moments() (all []bar, more int) {
	span := c.span().Seconds()
	for _, list := range c.Lists {
		for i := range list.Items {
			it := &list.Items[i]
			switch {
			case it.Turn == 0:
			case len(all) == maxMoments:
				more++
			default:
				at := place{from: it.At.Seconds() / span}
				all = append(all, bar{Turn: it.Turn, X: at.x(), Label: clock(it.At) + " " + list.Name + ": " + shorten(it.Text, 140)})
			}
		}
	}
	return all, more
}

// place is where a turn is, in parts of 1.
type place struct{ from, to float64 }

func (p place) x() string { return across(min(p.from*100, 100-shortest)) }

func (p place) width() string { return across(max((p.to-p.from)*100, shortest)) }

func across(percent float64) string { return strconv.FormatFloat(percent, 'f', 2, 64) + "%" }

// places returns where the turns are: at their times, or else in their order and
// as wide as their text is long.
func (c *conversation) places() []place {
	places := make([]place, len(c.Turns))
	if c.Timed {
		span := c.span().Seconds()
		for i := range c.Turns {
			places[i] = place{c.Turns[i].Start.Seconds() / span, c.Turns[i].End.Seconds() / span}
		}
		return places
	}
	const least = 4 // characters: a turn without text is there too
	var total float64
	for i := range c.Turns {
		total += c.weight(i) + least
	}
	var at float64
	for i := range c.Turns {
		width := (c.weight(i) + least) / total
		places[i] = place{at, at + width*0.97} // a gap, so that turns of one speaker are apart
		at += width
	}
	return places
}

// span is the time that the drawing shows; not 0 if the turns have times.
func (c *conversation) span() time.Duration { return max(c.Length, c.end()) }

// label says in words what a bar shows.
func (c *conversation) label(i int) string {
	t := &c.Turns[i]
	text := shorten(t.Text, 140)
	name := shorten(c.Speakers[t.Speaker].Name, 60)
	if c.Timed {
		return clock(t.Start) + " " + name + ": " + text
	}
	return fmt.Sprintf("%d. %s: %s", i+1, name, text)
}

// amount says how much somebody talked.
func (c *conversation) amount(weight float64) string {
	if c.Timed {
		return clock(callinsights.Seconds(weight).Duration())
	}
	return fmt.Sprintf("%.0f characters", weight)
}

// ticks returns at most nine marks, at round times.
func ticks(span time.Duration) []tick {
	const most = 8
	steps := [...]time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	}
	step := 24 * time.Hour
	for _, s := range steps {
		if span <= most*s {
			step = s
			break
		}
	}
	step = max(step, span/most) // of a call of weeks, which somebody made up
	var all []tick
	for at := time.Duration(0); at <= span && len(all) <= most; at += step {
		x := at.Seconds() / span.Seconds()
		if x > 0.96 && x < 1 { // its label would not fit
			break
		}
		all = append(all, tick{across(x * 100), clock(at)})
	}
	return all
}

// strip is the drawing of a call in the list: two lanes, the account's side above,
// with few bars however long the call is.
func strip(c *conversation) []bar {
	const cells = 60
	var busy [2][cells + 1]bool
	for i, p := range c.places() {
		side := c.Speakers[c.Turns[i].Speaker].Colour % 2
		for cell := int(p.from * cells); cell < cells && float64(cell) < p.to*cells; cell++ {
			busy[side][cell] = true
		}
	}
	var bars []bar
	for side := range busy {
		start := -1
		for cell, on := range busy[side] { // the last one is never busy
			switch {
			case on && start < 0:
				start = cell
			case !on && start >= 0:
				bars = append(bars, bar{Turn: side, X: across(float64(start) / cells * 100), Width: across(float64(cell-start) / cells * 100)})
				start = -1
			}
		}
	}
	return bars
}

func percent(part, total float64) string {
	if total == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.0f %%", part/total*100)
}

// clock is a time in a call, as 1:02 or 1:02:03.
func clock(d time.Duration) string {
	seconds := int64(d / time.Second)
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// shorten cuts a text after so many characters at most, at a space if there is one.
func shorten(text string, characters int) string {
	before, n := 0, 0 // the bytes before the last character that there is room for
	for at := range text {
		if n++; n == characters {
			before = at
		}
		if n > characters {
			break
		}
	}
	if n <= characters {
		return text
	}
	cut := text[:before]
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}
