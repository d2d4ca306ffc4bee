package jsonpull

// frameScan finds the end of a value that comes in pieces, judging by quotes and
// brackets alone: whether the value is sound is for the decoder to say. On the way
// it notes where strings end, which spares the decoder looking at them again.
type frameScan struct {
	// ends has the place of the closing quote of each string, keys included, in
	// their order: inverted (^) if it has escapes or is not ASCII, and 0 if it has
	// control characters. Only the first strings are noted, as many as it has room for.
	ends  []int
	noted int
	// escaped is how long the strings with escapes are together.
	escaped int

	pos      int // the place reached
	depth    int
	inString bool // the place reached is in a string that is not simple,
	begin    int  // which begins here,
	escapes  bool // has escapes,
	bad      bool // or control characters
}

// scan goes on in text, of which there may be more than before, and reports
// whether the value ends at the place then reached.
func (f *frameScan) scan(text []byte) (done bool) {
	if f.inString && !f.scanString(text) {
		return false
	}
	switch text[0] {
	case '{', '[':
		return f.scanBrackets(text)
	case '"':
		if f.pos > 0 {
			return true
		}
		f.pos, f.begin, f.inString = 1, 1, true
		return f.scanString(text)
	}
	for ; f.pos < len(text); f.pos++ {
		switch text[f.pos] {
		case '"', '{', '[', '}', ']', ',', ':', ' ', '\n', '\t', '\r':
			return true
		}
	}
	return false
}

// scanBrackets scans to the bracket that closes the first one.
func (f *frameScan) scanBrackets(text []byte) (done bool) {
	ends, noted, depth := f.ends, f.noted, f.depth // which the loop has in registers
	for i := f.pos; i < len(text); i++ {
		switch c := text[i]; { //nolint:staticcheck // a tagged switch is slower
		case c == '"':
			end := simple(text, i+1)
			if end < len(text) && text[end] == '"' {
				if noted < len(ends) {
					ends[noted] = end
					noted++
				}
				i = end
				continue
			}
			f.pos, f.begin, f.inString, f.noted, f.depth = end, i+1, true, noted, depth
			if !f.scanString(text) {
				return false
			}
			i, noted = f.pos-1, f.noted
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				f.pos, f.noted, f.depth = i+1, noted, 0
				return true
			}
		}
	}
	f.pos, f.noted, f.depth = len(text), noted, depth
	return false
}

// scanString scans on in a string, to behind its closing quote.
func (f *frameScan) scanString(text []byte) (done bool) {
	for i := f.pos; ; {
		i = plain(text, i)
		if i == len(text) || text[i] == '\\' && i+1 == len(text) {
			f.pos = i
			return false
		}
		switch text[i] {
		case '"':
			f.noteSpecial(i)
			f.pos, f.inString, f.escapes, f.bad = i+1, false, false, false
			return true
		case '\\':
			f.escapes = true
			i += 2
		default:
			f.bad = true
			i++
		}
	}
}

// noteSpecial notes the end of a string that is not simple, or may not be.
func (f *frameScan) noteSpecial(end int) {
	if f.escapes {
		f.escaped += end - f.begin
	}
	if f.noted == len(f.ends) {
		return
	}
	if f.ends[f.noted] = ^end; f.bad {
		f.ends[f.noted] = 0
	}
	f.noted++
}
