package callinsights_test

import (
	"fmt"

	"github.com/callinsights/callinsights-go"
)

// What is written around a transcript, such as its title, is a stranger's text too.
func ExampleTranscriptFormat_Escape() {
	title := "Re: *urgent* <b>"
	fmt.Println("# " + callinsights.TranscriptMarkdown.Escape(title))
	// Output:
	// # Re: \*urgent\* &lt;b&gt;
}
