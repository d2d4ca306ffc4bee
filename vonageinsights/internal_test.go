package vonageinsights

import (
	"io"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
)

// ReadPage reads a page from a stream as Search does, which shows only what it
// makes of several.
func ReadPage(r io.Reader, yield func(*Session) bool) (*Page, error) {
	const maxValue = 1 << 20
	page, _, err := readPage(jsonpull.NewStream(r, maxValue), yield)
	return page, err
}

// ErrorText is what an error of the service says, before it is shortened.
func ErrorText(body []byte) string {
	var doc errorBody
	if jsonpull.ParseObject(string(body), doc.decode) != nil {
		return ""
	}
	return doc.text()
}
