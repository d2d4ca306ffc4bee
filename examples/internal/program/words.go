package program

import "strconv"

// Counted says how many there are of something, such as "1 call" and "2 calls".
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
