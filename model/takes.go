package model

import (
	"math"
	"regexp"
)

// What the server takes, for the fields of several kinds. The patterns refuse
// what its own checks refuse on every supported version, and nothing that one
// of them takes: where the server's parser knows more than a pattern can say,
// the pattern is the wider one.
var (
	// noURI are characters and escapes that no URI has.
	noURI = regexp.MustCompile("[\\x00-\\x20\\x7f\"<>\\\\^`{|}]|%([^0-9a-fA-F]|[0-9a-fA-F][^0-9a-fA-F]|[0-9a-fA-F]?$)")
	// reservedWord are the characters that the server takes in no name which
	// stands in a path, reserved such as may have spaces.
	reservedWord = Value{Unlike: regexp.MustCompile(`[:/?#@!$&()*+,;=\[\]\\\s]`), Most: columnLength, Want: `a name without spaces and any of :/?#@!$&()*+,;=[]\`}
	reserved     = Value{Unlike: regexp.MustCompile(`[:/?#@!$&()*+,;=\[\]\\]`), Most: columnLength, Want: `a name without any of :/?#@!$&()*+,;=[]\`}
	// scopeName are the characters that OAuth allows in a scope.
	scopeName = Value{Like: regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]+$`), Most: columnLength, Want: `a name of ASCII characters without spaces, quotes and backslashes`}
	// aURL is one that says how it is spoken to.
	aURL = Value{Like: regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`), Want: "a URL, as in https://sso.example.com/auth"}
	// noScheme is what stands before the first colon of a URI and is no scheme, or
	// has nothing after it.
	noScheme = `^([^A-Za-z:/?#][^:/?#]*|[A-Za-z][A-Za-z0-9+.-]*[^A-Za-z0-9+.:/?#-][^:/?#]*)?:|^[^:/?#]*:$`
	// redirects are where users may be sent back to; paths below the root URL
	// are among them.
	redirects = Value{
		Unlike: regexp.MustCompile(`(?i)^(javascript|data):|#|` + noScheme + `|` + noURI.String()), Most: columnLength,
		Want: "a URI of a scheme, or a path, without a fragment, spaces and characters to be escaped, and no script",
	}
	// clientURL is a client's own; only a root URL may begin with what the server
	// puts the place of its consoles for.
	clientURL = Value{
		Like:   regexp.MustCompile(`(?i)^(/|(https?|ftp|file|jar|mailto):)`),
		Unlike: regexp.MustCompile(`(?i)^(javascript|data):|[\x00-\x20\x7f"<>\\^{}` + "`" + `|]`), Most: columnLength,
		Want: "a URL, as in https://shop.example.com",
	}
	rootURL = Value{
		Like:   regexp.MustCompile(`^(\$\{|[A-Za-z][A-Za-z0-9+.-]*:)`),
		Unlike: regexp.MustCompile(`(?i)^(javascript|data):|#|[\x00-\x20\x7f"<>\\^` + "`" + `|]`), Most: columnLength,
		Want: "a URL without a fragment, as in https://shop.example.com",
	}
	// attributeURL is one among a client's attributes.
	attributeURL = Value{
		Like:   regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*:|/|\$\{)`),
		Unlike: regexp.MustCompile(`(?i)^(javascript|data):|` + noURI.String()),
		Want:   "a URL, as in https://shop.example.com/logout",
	}
	// absoluteURL is one that stands alone, of a protocol that Java knows.
	absoluteURL = Value{Like: regexp.MustCompile(`(?i)^(https?|ftp|file|jar|mailto):`), Unlike: attributeURL.Unlike, Want: attributeURL.Want}
	// mailAddress is what the server sends mails from.
	mailAddress = Value{Like: regexp.MustCompile(`^[^\s@]+@[^\s@]+$`), Most: columnLength, Want: "an email address"}
	// duration is a time as workflows count it.
	duration = Value{
		Like: regexp.MustCompile(`(?i)^(\+?\d+(ms|d)?|(\+?\d+(\.\d+)?[hms])+|\+?P([-+]?\d+D)?(T([-+]?\d+H)?([-+]?\d+M)?([-+]?\d+([.,]\d*)?S)?)?)$`),
		Want: "a number with one of ms, s, m, h or d (seconds without), or an ISO 8601 duration such as P5D",
	}
	// jsonObject is an object as a text.
	jsonObject = Value{Like: regexp.MustCompile(`^\s*\{`), Want: "a JSON object"}
	// levels are numbers by name, as a text.
	levels = Value{
		Like: regexp.MustCompile(`^\s*\{\s*(` + level + `(,\s*` + level + `)*)?\}\s*$`), Want: `a JSON object of whole numbers, as in {"gold": 2}`,
	}
	// breaksRealm is a whole number that the server reads whenever it reads a
	// realm: another text makes it fail before it can answer anything.
	breaksRealm = Value{Min: math.MinInt32, Max: math.MaxInt32, Harm: "the server would take it, never read the realm again, and not start again"}
)

// noTokens is what becomes of a client one of whose numbers is none.
const noTokens = "the server would take it, and then fail whenever the client asks for a token"

// noAnswer is what becomes of a policy of authorization that the server cannot read.
const noAnswer = "the server would take it, and fail whenever it asks the policy"

// date is a time as policies have it, and dial a part of one.
func date(name string) Field {
	return str(name).takes(Value{Like: regexp.MustCompile(`^\s*\d+-\d+-\d+ \d+:\d+:\d+`), Want: "a time such as 2026-01-31 08:00:00"})
}

func dial(name string) Field {
	return str(name).takes(whole(math.MinInt32).broken(noAnswer))
}

// level is one of [levels].
const level = `"([^"\\]|\\.)*"\s*:\s*("[+-]?\d+"|-?\d+(\.\d+)?)\s*`
