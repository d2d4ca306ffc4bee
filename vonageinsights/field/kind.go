package field

import (
	"fmt"
	"time"
)

// Path is any field. It is what the Fields of a query are.
type Path interface {
	fmt.Stringer
	path()
}

// String is a field with an exact text, such as an id or a name. Upper and
// lower case differ, and parts of the text do not match.
type String string

// Number is a field with a whole number.
type Number string

// Bool is a field that is true or false.
type Bool string

// Time is a field with a date and time.
type Time string

// Text is a field that is searched by words, as search engines do.
type Text string

// Object is a field made of other fields, or a list of such. It can only be
// asked for.
type Object string

// Is matches the sessions in which f, or one of its values where it is in a
// list, is exactly value.
func (f String) Is(value string) Clause {
	return Clause{kind: kindString, path: string(f), text: value}
}

// Asc sorts by f, ascending.
func (f String) Asc() Order { return Order{path: string(f)} }

// Desc sorts by f, descending.
func (f String) Desc() Order { return Order{path: string(f), desc: true} }

// String returns the path of the field, such as "agent_information.id".
func (f String) String() string { return string(f) }

func (f String) path() {}

// Is matches the sessions in which f is value.
func (f Number) Is(value int64) Clause {
	return Clause{kind: kindNumber, path: string(f), number: value}
}

// Asc sorts by f, ascending.
func (f Number) Asc() Order { return Order{path: string(f)} }

// Desc sorts by f, descending.
func (f Number) Desc() Order { return Order{path: string(f), desc: true} }

// String returns the path of the field, such as "channel_data.duration".
func (f Number) String() string { return string(f) }

func (f Number) path() {}

// Is matches the sessions in which f, or one of its values where it is in a
// list, is value.
func (f Bool) Is(value bool) Clause {
	c := Clause{kind: kindBool, path: string(f)}
	if value {
		c.number = 1
	}
	return c
}

// String returns the path of the field, such as "flow_path.synchronized".
func (f Bool) String() string { return string(f) }

func (f Bool) path() {}

// Is matches the sessions in which f is value to the microsecond, which is
// hardly ever what is wanted: a query's From and To ask for a range.
func (f Time) Is(value time.Time) Clause {
	value = value.UTC()
	if year := value.Year(); year < 0 || year > 9999 {
		return Clause{kind: kindYear, path: string(f), number: int64(year)}
	}
	return Clause{kind: kindString, path: string(f), text: value.Format(timeLayout)}
}

// Asc sorts by f, ascending.
func (f Time) Asc() Order { return Order{path: string(f)} }

// Desc sorts by f, descending.
func (f Time) Desc() Order { return Order{path: string(f), desc: true} }

// String returns the path of the field, such as "session_start_time".
func (f Time) String() string { return string(f) }

func (f Time) path() {}

// Matches finds the sessions in which f has at least one of the words of text,
// whatever their case: "shut up" also finds a session in which somebody said
// "up" alone. A text without any word is refused when the query is sent.
func (f Text) Matches(text string) Clause {
	return Clause{kind: kindText, path: string(f), text: text}
}

// String returns the path of the field, such as "transcription.client".
func (f Text) String() string { return string(f) }

func (f Text) path() {}

// String returns the path of the field, such as "agent_information".
func (f Object) String() string { return string(f) }

func (f Object) path() {}
