import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.keycloak.util.JsonSerialization;

/**
 * Prints what a Keycloak server can read and write as JSON: one line per property of its representation classes,
 * "class, property, type, access", tab separated and sorted. Started by scripts/reflect, which describes the words.
 */
public class Representations {

    static final List<String> PACKAGES = List.of("org/keycloak/representations/idm/",
            "org/keycloak/representations/userprofile/config/", "org/keycloak/representations/workflows/");
    static final Set<Class<?>> CODECS = Set.of(JsonSerializer.class, JsonDeserializer.class);
    static final Set<Class<?>> WHOLE = Set.of(int.class, Integer.class, long.class, Long.class, short.class, Short.class);
    static final Set<Class<?>> TEXT = Set.of(String.class, char.class, Character.class, byte[].class);

    static final ObjectMapper mapper = JsonSerialization.mapper; // the server's own
    static final Map<String, Class<?>> names = new TreeMap<>();

    public static void main(String[] args) throws Exception {
        for (Class<?> c : representations()) name(c);
        Set<String> lines = new TreeSet<>();
        for (var e : names.entrySet()) properties(e.getKey(), e.getValue(), lines);
        lines.forEach(System.out::println);
    }

    /** All classes of the packages that may stand for JSON objects, in the order of their full names. */
    static List<Class<?>> representations() throws IOException, ClassNotFoundException {
        Set<String> found = new TreeSet<>();
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!new File(path).getName().startsWith("org.keycloak.")) continue;
            try (JarFile jar = new JarFile(path)) {
                jar.stream().map(e -> e.getName()).filter(n -> n.endsWith(".class"))
                        .filter(n -> PACKAGES.stream().anyMatch(n::startsWith))
                        .forEach(n -> found.add(n.substring(0, n.length() - 6).replace('/', '.')));
            }
        }
        List<Class<?>> classes = new ArrayList<>();
        for (String n : found) {
            Class<?> c = Class.forName(n, false, Representations.class.getClassLoader());
            if (c.isEnum() || c.isInterface() || c.isAnonymousClass()) continue;
            if (CODECS.stream().noneMatch(k -> k.isAssignableFrom(c))) classes.add(c);
        }
        return classes;
    }

    /** Gives a class its name in the output: Outer.Inner without the package, with the package's last part where that is taken. */
    static void name(Class<?> c) {
        String pkg = c.getPackageName(), name = c.getName().substring(pkg.length() + 1).replace('$', '.');
        if (names.putIfAbsent(name, c) == null) return;
        name += "@" + pkg.substring(pkg.lastIndexOf('.') + 1);
        if (names.putIfAbsent(name, c) != null) throw new IllegalStateException("two classes named " + name);
    }

    /** Adds a line for each property that Jackson would write or read, and "*" where a class takes any name. */
    static void properties(String name, Class<?> c, Set<String> lines) {
        JavaType type = mapper.constructType(c);
        BeanDescription write = mapper.getSerializationConfig().introspect(type);
        BeanDescription read = mapper.getDeserializationConfig().introspect(type);
        var ignore = mapper.getDeserializationConfig().getDefaultPropertyIgnorals(c, read.getClassInfo());
        Map<String, BeanPropertyDefinition> out = new TreeMap<>(), in = new TreeMap<>();
        for (var p : write.findProperties()) if (p.getAccessor() != null) out.put(p.getName(), p);
        for (var p : read.findProperties()) if (p.getMutator() != null) in.put(p.getName(), p);
        out.keySet().removeAll(ignore.findIgnoredForSerialization());
        in.keySet().removeAll(ignore.findIgnoredForDeserialization());
        Set<String> all = new TreeSet<>(out.keySet());
        all.addAll(in.keySet());
        for (String property : all) {
            BeanPropertyDefinition w = out.get(property), r = in.get(property);
            lines.add(String.join("\t", name, property, word((r != null ? r : w).getPrimaryType()), access(w, r)));
        }
        if (read.findAnySetterAccessor() != null) lines.add(String.join("\t", name, "*", "any", "read-write"));
    }

    /** Which way a property goes, as seen by a client of the server, and whether it is deprecated. */
    static String access(BeanPropertyDefinition write, BeanPropertyDefinition read) {
        String way = write == null ? "write-only" : read == null ? "read-only" : "read-write";
        return deprecated(write) || deprecated(read) ? way + ",deprecated" : way;
    }

    /** True if the getter, the setter or the field is marked so. */
    static boolean deprecated(BeanPropertyDefinition p) {
        return p != null && Stream.<AnnotatedMember>of(p.getGetter(), p.getSetter(), p.getField())
                .anyMatch(m -> m != null && m.hasAnnotation(Deprecated.class));
    }

    /** The type word of a Java type. */
    static String word(JavaType t) {
        Class<?> c = t.getRawClass();
        if (TEXT.contains(c)) return "string";
        if (c == boolean.class || c == Boolean.class) return "boolean";
        if (WHOLE.contains(c) || Date.class == c) return "integer";
        if (c.isPrimitive() || Number.class.isAssignableFrom(c)) return "number";
        if (c.isEnum()) return Arrays.stream(c.getEnumConstants()).map(Representations::constant).collect(Collectors.joining("|", "enum:", ""));
        if (t.isMapLikeType()) return "map<" + word(t.getKeyType()) + "," + word(t.getContentType()) + ">";
        if (Set.class.isAssignableFrom(c)) return "set<" + word(t.getContentType()) + ">";
        if (t.isCollectionLikeType() || t.isArrayType()) return "list<" + word(t.getContentType()) + ">";
        for (var e : names.entrySet()) if (e.getValue() == c) return "object:" + e.getKey();
        return "any";
    }

    /** An enum constant as Jackson writes it. */
    static String constant(Object c) {
        return mapper.convertValue(c, JsonNode.class).asText();
    }
}
