package main

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go"
)

// talking is a conversation of two with these turns.
func talking(length time.Duration, turns ...callinsights.Turn) *conversation {
	c := &conversation{Service: serviceRingSense, ID: "1", Title: "Talk", Medium: "phone call", Length: length}
	c.talk(turns, func(t callinsights.Turn) speaker { return speaker{Name: t.Speaker, Role: t.Role} })
	c.finish()
	return c
}

func agentSays(text string, start, end callinsights.Seconds) callinsights.Turn {
	return callinsights.Turn{Speaker: "Ada", Role: callinsights.RoleAgent, Text: text, Start: start, End: end}
}

func customerSays(text string, start, end callinsights.Seconds) callinsights.Turn {
	return callinsights.Turn{Speaker: "Bob", Role: callinsights.RoleCustomer, Text: text, Start: start, End: end}
}

// drawn is what there is of a drawing, as a text for each lane.
func drawn(c *conversation) []string {
	var lines []string
	for _, lane := range draw(c, 1).Lanes {
		var line strings.Builder
		line.WriteString(lane.Speaker.Name + " " + lane.Share + " " + lane.Talk + ":")
		for _, b := range lane.Bars {
			line.WriteString(" " + strconv.Itoa(b.Turn) + "@" + b.X + "+" + b.Width)
		}
		lines = append(lines, line.String())
	}
	return lines
}

func TestDraw(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call *conversation
		want []string
	}{
		"nobody": {talking(time.Minute), nil},
		"by time": {
			talking(100*time.Second, agentSays("Hello", 0, 10), customerSays("Yes?", 20, 50), agentSays("Bye", 90, 100)),
			[]string{"Ada 40 % 0:20: 1@0.00%+10.00% 3@90.00%+10.00%", "Bob 60 % 0:30: 2@20.00%+30.00%"},
		},
		"at once, and in another order": {
			talking(10*time.Second, customerSays("No", 5, 10), agentSays("Yes", 0, 10)),
			[]string{"Bob 33 % 0:05: 1@50.00%+50.00%", "Ada 67 % 0:10: 2@0.00%+100.00%"},
		},
		"longer than the call": {
			talking(time.Second, agentSays("Hello", 0, 2), customerSays("Hi", 2, 4)),
			[]string{"Ada 50 % 0:02: 1@0.00%+50.00%", "Bob 50 % 0:02: 2@50.00%+50.00%"},
		},
		"no length": {
			talking(0, agentSays("Hello", 0, 2), customerSays("Hi", 2, 4)),
			[]string{"Ada 50 % 0:02: 1@0.00%+50.00%", "Bob 50 % 0:02: 2@50.00%+50.00%"},
		},
		"odd times": {
			talking(10*time.Second, agentSays("before the start", -5, 2), customerSays("ends first", 6, 3), agentSays("never", callinsights.Seconds(math.NaN()), 10)),
			[]string{"Ada 100 % 0:12: 1@0.00%+20.00% 3@0.00%+100.00%", "Bob 0 % 0:00: 2@60.00%+0.35%"},
		},
		"no times": {
			talking(time.Minute, agentSays("123456", 0, 0), customerSays("123456", 0, 0), agentSays("", 0, 0)),
			[]string{"Ada 50 % 6 characters: 1@0.00%+40.42% 3@83.33%+16.17%", "Bob 50 % 6 characters: 2@41.67%+40.42%"},
		},
		"no text either": {talking(0, agentSays("", 0, 0)), []string{"Ada 0 % 0 characters: 1@0.00%+97.00%"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, drawn(test.call)); diff != "" {
				t.Errorf("drawing (-want +got):\n%s", diff)
			}
			checkDrawing(t, test.call)
		})
	}
}

// checkDrawing checks what holds of the drawings of every call.
func checkDrawing(t *testing.T, c *conversation) {
	t.Helper()
	drawing := draw(c, 1)
	bars := 0
	for _, lane := range drawing.Lanes {
		bars += len(lane.Bars)
		for _, b := range lane.Bars {
			checkFrame(t, b)
		}
	}
	if bars != len(c.Turns) && drawing.Unseen == 0 {
		t.Errorf("%d bars of %d turns", bars, len(c.Turns))
	}
	for _, b := range append(strip(c), append(drawing.Shares, drawing.Moments...)...) {
		checkFrame(t, b)
	}
	if len(drawing.Ticks) > 9 {
		t.Errorf("%d ticks", len(drawing.Ticks))
	}
}

// checkFrame fails for a bar that is not in the drawing.
func checkFrame(t *testing.T, b bar) {
	t.Helper()
	x, err := strconv.ParseFloat(strings.TrimSuffix(b.X, "%"), 64)
	width, errWidth := strconv.ParseFloat(strings.TrimSuffix("0"+b.Width, "%"), 64)
	if err != nil || errWidth != nil || x < 0 || width < 0 || x+width > 100.02 {
		t.Errorf("a bar is at %q and %q wide", b.X, b.Width)
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	for span, want := range map[time.Duration]string{
		900 * time.Millisecond: "0:00",
		5 * time.Second:        "0:00 0:01 0:02 0:03 0:04 0:05",
		157 * time.Second:      "0:00 0:30 1:00 1:30 2:00 2:30",
		time.Hour:              "0:00 10:00 20:00 30:00 40:00 50:00 1:00:00",
		100 * time.Hour:        "0:00 24:00:00 48:00:00 72:00:00 96:00:00",
	} {
		var got []string
		for _, tick := range ticks(span) {
			got = append(got, tick.Label)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", span, diff)
		}
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                "",
		"as it is":        "as it is",
		"ten chars.":      "ten chars.",
		"one, two, three": "one, two…",
		"éééééééééééé":    "ééééééééé…",
		"a bbbbbbbbbbbbb": "a bbbbbbb…",
	} {
		if got := shorten(text, 10); got != want {
			t.Errorf("shorten(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestMoments: what is noted of a call leads to the turn it is about.
func TestMoments(t *testing.T) {
	t.Parallel()
	calls := newLibrary(1 << 20)
	err := addDocument(calls, []byte(`{"sourceRecordId":"1","title":"x","recordingDurationMs":10000,"insights":{
		"Transcript":[{"speakerId":"a","text":"late","start":6,"end":8},{"speakerId":"a","text":"early","start":1,"end":2}],
		"NextSteps":[{"value":"at the late one","start":7,"end":8},{"value":"at the early one","start":5,"end":5.5},{"value":"of the whole"}],
		"Highlights":[{"value":"before anybody speaks","start":0.5,"end":0.7}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	calls.sort()
	want := []bar{
		{Turn: 1, X: "70.00%", Label: "0:07 Next steps: at the late one"},
		{Turn: 2, X: "50.00%", Label: "0:05 Next steps: at the early one"},
	}
	if diff := cmp.Diff(want, draw(calls.all[0], 1).Moments); diff != "" {
		t.Errorf("moments (-want +got):\n%s", diff)
	}
}
