package whippy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/whippy"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	const (
		agent    = whippy.RoleAgent
		customer = whippy.RoleCustomer
	)
	tests := map[string]struct {
		mode whippy.Mode
		body string
		want []whippy.Turn
	}{
		"no transcript":    {whippy.ModeAI, "", nil},
		"blank lines":      {whippy.ModeAI, "\n \r\n\t\n", nil},
		"AI call":          {"ai", "Agent: Hi.\nUser: Hello.\n", []whippy.Turn{{Speaker: "Agent", Role: agent, Text: "Hi."}, {Speaker: "User", Role: customer, Text: "Hello."}}},
		"no last newline":  {"ai", "User: Hello.", []whippy.Turn{{Speaker: "User", Role: customer, Text: "Hello."}}},
		"mode in capitals": {"AI", "User: Hello.", []whippy.Turn{{Speaker: "User", Role: customer, Text: "Hello."}}},
		"call between people, by its mode": {
			"human", "User: Hi.\nContact: Hello.\n",
			[]whippy.Turn{{Speaker: "User", Role: agent, Text: "Hi."}, {Speaker: "Contact", Role: customer, Text: "Hello."}},
		},
		"call between people, by its labels": {
			"", "User: Hi.\nContact: Hello.\n",
			[]whippy.Turn{{Speaker: "User", Role: agent, Text: "Hi."}, {Speaker: "Contact", Role: customer, Text: "Hello."}},
		},
		"call between people, contact speaks late": {
			"", "User: Hi.\nUser: Are you there?\nContact: Yes.\n",
			[]whippy.Turn{
				{Speaker: "User", Role: agent, Text: "Hi."},
				{Speaker: "User", Role: agent, Text: "Are you there?"},
				{Speaker: "Contact", Role: customer, Text: "Yes."},
			},
		},
		"AI call of an older sample": {
			"", "User: Hello?\nAgent: Hi.\n",
			[]whippy.Turn{{Speaker: "User", Role: customer, Text: "Hello?"}, {Speaker: "Agent", Role: agent, Text: "Hi."}},
		},
		"whose call it is cannot be told": {"", "User: Hello?\n", []whippy.Turn{{Speaker: "User", Text: "Hello?"}}},
		"not merged": {
			"ai", "User: One.\nUser: Two.\n",
			[]whippy.Turn{{Speaker: "User", Role: customer, Text: "One."}, {Speaker: "User", Role: customer, Text: "Two."}},
		},
		"colons in what is said": {
			"ai", "Agent: Two options: Monday, or: Friday at 9:30.\n",
			[]whippy.Turn{{Speaker: "Agent", Role: agent, Text: "Two options: Monday, or: Friday at 9:30."}},
		},
		"more lines": {
			"ai", "Agent: First line.\nsecond line\n\n  third line \nUser: Well.\n",
			[]whippy.Turn{
				{Speaker: "Agent", Role: agent, Text: "First line.\nsecond line\n\n  third line"},
				{Speaker: "User", Role: customer, Text: "Well."},
			},
		},
		"lines that begin like a label and are none": {
			"ai", "Agent: Listen\nhttps://x.example: a link\n9: 30\nmy number: 5\nsee:this\n: odd\nwhat-a-long-word-this-is: no\n",
			[]whippy.Turn{{
				Speaker: "Agent", Role: agent,
				Text: "Listen\nhttps://x.example: a link\n9: 30\nmy number: 5\nsee:this\n: odd\nwhat-a-long-word-this-is: no",
			}},
		},
		"label not known": {
			"ai", "Supervisor: Hello.\nZoë-2: Hi.\n",
			[]whippy.Turn{{Speaker: "Supervisor", Text: "Hello."}, {Speaker: "Zoë-2", Text: "Hi."}},
		},
		"label of twenty characters": {"ai", "Abcdefghijklmnopqrst: x", []whippy.Turn{{Speaker: "Abcdefghijklmnopqrst", Text: "x"}}},
		"label of more":              {"ai", "Abcdefghijklmnopqrstu: x", []whippy.Turn{{Text: "Abcdefghijklmnopqrstu: x"}}},
		"no space after a known label": {
			"ai", "agent:Hi.\nUSER:\nAgent: Hello?",
			[]whippy.Turn{
				{Speaker: "agent", Role: agent, Text: "Hi."},
				{Speaker: "USER", Role: customer},
				{Speaker: "Agent", Role: agent, Text: "Hello?"},
			},
		},
		"text before the first label": {
			"ai", "\n(ringing)\nUser: Hello?\n",
			[]whippy.Turn{{Text: "(ringing)"}, {Speaker: "User", Role: customer, Text: "Hello?"}},
		},
		"no label at all": {"ai", "just a note\nof two lines", []whippy.Turn{{Text: "just a note\nof two lines"}}},
		"carriage returns": {
			"ai", "Agent: Hi.\r\nUser: Hello.\r\n",
			[]whippy.Turn{{Speaker: "Agent", Role: agent, Text: "Hi."}, {Speaker: "User", Role: customer, Text: "Hello."}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := whippy.Call{Mode: test.mode, Body: test.body}
			if diff := cmp.Diff(test.want, slices.Collect(call.Turns())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var first []whippy.Turn
			for turn := range call.Turns() {
				first = append(first, turn)
				break
			}
			if want := test.want[:min(1, len(test.want))]; !slices.Equal(want, first) {
				t.Errorf("left after the first turn: got %v; want %v", first, want)
			}
		})
	}
}

// checkTurns fails the test unless the turns hold all of the transcript and
// nothing else: its words in their order, those of a label in Speaker.
func checkTurns(t *testing.T, call *whippy.Call) {
	t.Helper()
	var words []string
	for turn := range call.Turns() {
		text := turn.Text
		if turn.Speaker != "" {
			text = turn.Speaker + ": " + text
		}
		words = append(words, strings.Fields(text)...)
	}
	got, want := strings.Join(words, ""), strings.Join(strings.Fields(call.Body), "")
	if got != want {
		t.Errorf("the turns of %q hold %q", call.Body, got)
	}
}
