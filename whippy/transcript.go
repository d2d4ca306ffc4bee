package whippy

import (
	"iter"
	"strings"
	"unicode"
)

// The labels of a transcript. Whippy's page shows Agent and User
// (docs.whippy.ai/docs/calls); Contact is in public samples of calls between people.
const (
	labelAgent   = "Agent"
	labelUser    = "User"
	labelContact = "Contact"
)

// Turns returns the utterances of the transcript in their order; there are none
// until the call has ended. Speaker is the label as it was sent, such as
// "Agent", and there are neither ids nor times.
//
// An utterance begins with a line that starts with a label: Agent, User or
// Contact and a colon, or another single word of at most 20 characters and a
// colon with a space. A line without one belongs to the utterance before it;
// text before the first label has no Speaker. White space around an utterance
// is dropped.
//
// In a call with an AI agent, Agent is the account and User the customer. In a
// call between people, which is one that has a Contact or a mode other than AI,
// User is the account too and Contact the customer. That is our reading: Whippy
// documents no labels. The Role is empty where it cannot be told.
func (c *Call) Turns() iter.Seq[Turn] {
	return func(yield func(Turn) bool) {
		userRole := c.userRole()
		for label, text := range utterances(c.Body) {
			turn := Turn{Speaker: label, Text: text}
			switch {
			case strings.EqualFold(label, labelAgent):
				turn.Role = RoleAgent
			case strings.EqualFold(label, labelContact):
				turn.Role = RoleCustomer
			case strings.EqualFold(label, labelUser):
				turn.Role = userRole
			}
			if !yield(turn) {
				return
			}
		}
	}
}

// userRole tells whether the label User stands for the caller or for a user of
// Whippy.
func (c *Call) userRole() Role {
	var agent, contact bool
	for label := range utterances(c.Body) {
		agent = agent || strings.EqualFold(label, labelAgent)
		contact = contact || strings.EqualFold(label, labelContact)
	}
	switch {
	case contact, c.Mode != "" && !c.Mode.Is(ModeAI):
		return RoleAgent
	case agent, c.Mode.Is(ModeAI):
		return RoleCustomer
	}
	return ""
}

// utterances yields the label and the text of each utterance of body.
func utterances(body string) iter.Seq2[string, string] {
	return func(yield func(label, text string) bool) {
		var label string
		var start int // of the text of the utterance at hand
		for lineStart := 0; lineStart < len(body); {
			line := body[lineStart:]
			if end := strings.IndexByte(line, '\n'); end >= 0 {
				line = line[:end+1]
			}
			if next, size := cutLabel(line); size > 0 {
				text := strings.TrimSpace(body[start:lineStart])
				if (label != "" || text != "") && !yield(label, text) {
					return
				}
				label, start = next, lineStart+size
			}
			lineStart += len(line)
		}
		if text := strings.TrimSpace(body[start:]); label != "" || text != "" {
			yield(label, text)
		}
	}
}

const maxLabel = 20 // characters of a label that is not known

// cutLabel returns the label that line begins with, and where the text after
// its colon begins, which is 0 if there is no label.
func cutLabel(line string) (label string, size int) {
	label, rest, ok := strings.Cut(line, ":")
	switch {
	case !ok:
		return "", 0
	case strings.EqualFold(label, labelAgent), strings.EqualFold(label, labelUser), strings.EqualFold(label, labelContact):
		return label, len(label) + 1
	case strings.HasPrefix(rest, " ") && isWord(label):
		return label, len(label) + 1
	}
	return "", 0
}

// isWord reports whether label is a short word, and not the time of day or the
// beginning of a sentence.
func isWord(label string) bool {
	var n int
	for _, r := range label {
		if n++; n > maxLabel {
			return false
		}
		if !unicode.IsLetter(r) && (n == 1 || !unicode.IsDigit(r) && r != '_' && r != '-') {
			return false
		}
	}
	return n > 0
}
