package jsonpull

import (
	"strconv"
	"strings"
)

// pathAt returns the path of the value at pos. It is worked out only when an
// error needs it, by walking the document again, which is known to be sound
// up to there.
func pathAt(doc string, pos int) string {
	type level struct {
		list  bool
		index int
		key   string // with quotes and escapes
		value bool   // the colon or the bracket has been passed
	}
	var levels []level
	for i := 0; i < min(pos, len(doc)); {
		top := len(levels) - 1
		switch c := doc[i]; c {
		case '{':
			levels = append(levels, level{})
		case '[':
			levels = append(levels, level{list: true, value: true})
		case '}', ']':
			if top >= 0 {
				levels = levels[:top]
			}
		case ',':
			if top >= 0 {
				levels[top].index++
				levels[top].value = levels[top].list
			}
		case ':':
			if top >= 0 {
				levels[top].value = true
			}
		case '"':
			end := quoteEnd(doc, i)
			if top >= 0 && !levels[top].value {
				levels[top].key = doc[i:end]
			}
			if end > pos {
				i = pos
				continue
			}
			i = end
			continue
		}
		i++
	}
	var path string
	for _, l := range levels {
		switch {
		case !l.value:
		case l.list:
			path += "[" + strconv.Itoa(l.index) + "]"
		default:
			var key string
			_ = Parse(l.key, func(d *Decoder) { key = d.String() }) // it was taken before
			path = joinPath(path, keyName(key))
		}
	}
	return path
}

// quoteEnd returns the place after the string that begins at i.
func quoteEnd(doc string, i int) int {
	for i++; i < len(doc); i++ {
		switch doc[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(doc)
}

// keyName is key as an error shows it: a name of the service's making, or a
// placeholder for anything else, which may be personal data.
func keyName(key string) string {
	if key == "" || len(key) > 64 {
		return "?"
	}
	for _, c := range []byte(key) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			return "?"
		}
	}
	return key
}

func joinPath(prefix, path string) string {
	if prefix == "" || path == "" || strings.HasPrefix(path, "[") {
		return prefix + path
	}
	return prefix + "." + path
}
