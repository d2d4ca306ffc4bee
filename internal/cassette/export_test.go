package cassette

import "testing"

// SetRecording sets the flag until the test ends.
func SetRecording(t *testing.T, on bool) {
	t.Helper()
	old := *record
	*record = on
	t.Cleanup(func() { *record = old })
}
