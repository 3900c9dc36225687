import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.annotation.Annotation;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.AnnotationNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;

/**
 * Prints the operations of a Keycloak server's Admin API: one line per handler and address, tab separated and sorted.
 * Started by scripts/reflect, which describes the columns.
 *
 * Handlers are found as the server finds them: from the classes whose @Path is below admin, along the methods that have a
 * @Path and no verb, which return the next resource. Where such a method's return type says nothing (Object, or an
 * interface without addresses), what it makes is read from its instructions.
 */
public class Catalogue {

    static final String EXTENSION = "org.keycloak.services.resources.admin.ext.AdminRealmResourceProvider";
    static final Pattern VARIABLE = Pattern.compile("\\{\\s*([^}:\\s]+)[^}]*\\}"); // with the pattern that its value has to match
    static final int DEEPEST = 12;
    // One variable of PolicyService stands for a type or for an id: what the server makes of it tells which of them it was.
    static final Map<String, String> VARIABLE_OF = Map.of("PolicyResourceService", "{policy-id}");

    // What handlers hand on as a stream, to be read elsewhere.
    static final Map<String, String> BODY_OF = Map.of("importRealm", "object:RealmRepresentation", "partialImport", "object:PartialImportRepresentation");

    record Param(String in, String name, String type) {
        public String toString() { return in + ":" + name + ":" + type; }
    }

    static final Set<String> lines = new TreeSet<>();
    static final Map<String, ClassNode> nodes = new HashMap<>();
    static final Map<String, List<String>> factories = new TreeMap<>(); // extension factories by id
    static final List<Class<?>> classes = new ArrayList<>();

    public static void main(String[] args) throws Exception {
        Set<String> names = new TreeSet<>();
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!new File(path).getName().startsWith("org.keycloak.")) continue;
            try (JarFile jar = new JarFile(path)) {
                jar.stream().map(e -> e.getName()).filter(n -> n.startsWith("org/keycloak/") && n.endsWith(".class"))
                        .forEach(n -> names.add(n.substring(0, n.length() - 6).replace('/', '.')));
            }
        }
        for (String name : names) {
            try {
                classes.add(Class.forName(name, false, Catalogue.class.getClassLoader()));
            } catch (LinkageError missing) {
                // it needs what is no part of the distribution: nothing of it can be served
            }
        }
        for (Class<?> c : classes) {
            Path root = c.getAnnotation(Path.class);
            if (root != null && join("", root.value()).matches("/admin(/.*)?")) walk(c, join("", root.value()), List.of(), new ArrayDeque<>());
        }
        lines.forEach(System.out::println);
    }

    /** Adds the operations of a resource class at an address, and of those that its locators lead to. */
    static void walk(Class<?> c, String at, List<Param> above, Deque<Class<?>> trail) throws IOException {
        if (trail.contains(c) || trail.size() > DEEPEST) return;
        trail.push(c);
        for (Method m : c.getMethods()) {
            if (m.isBridge() || m.isSynthetic() || Modifier.isStatic(m.getModifiers())) continue;
            Method a = annotated(m);
            if (a == null) continue;
            Path p = a.getAnnotation(Path.class);
            String address = p == null ? at : join(at, p.value());
            List<Param> params = new ArrayList<>(above);
            params.addAll(params(a));
            List<String> verbs = verbs(a);
            for (String verb : verbs) operation(verb, address, params, m, a, c);
            if (!verbs.isEmpty()) continue;
            Map<String, Set<Class<?>>> targets = targets(c, m, a);
            for (var t : targets.entrySet()) {
                String to = t.getKey().isEmpty() ? address : at + "/" + t.getKey();
                List<Param> of = t.getKey().isEmpty() ? params : above;
                for (Class<?> next : t.getValue()) {
                    String variable = VARIABLE_OF.get(next.getSimpleName());
                    walk(next, variable == null ? to : to.replaceFirst("\\{[^}]*\\}$", variable.replace("{", "\\{")), of, trail);
                }
            }
            if (targets.isEmpty()) System.err.println("leads nowhere: " + address + " by " + c.getName() + "." + m.getName());
        }
        trail.pop();
    }

    /** Prints one operation. */
    static void operation(String verb, String address, List<Param> params, Method m, Method a, Class<?> c) throws IOException {
        String path = VARIABLE.matcher(address).replaceAll("{$1}"), body = "";
        for (Parameter p : a.getParameters()) if (isBody(p)) body = word(p.getParameterizedType());
        if (body.equals("any") || body.equals("string")) body = read(m, body);
        boolean deprecated = a.isAnnotationPresent(Deprecated.class);
        for (AnnotationNode o : documented(a, "Operation")) deprecated |= Boolean.TRUE.equals(value(o, "deprecated"));
        // Those of the path are in the path; what all of them are needs no word.
        Set<String> told = new LinkedHashSet<>();
        for (Param p : params) if (!p.in.equals("path") || !p.type.equals("string") && path.contains("{" + p.name + "}")) told.add(p.toString());
        lines.add(String.join("\t", path, verb, String.join(" ", told), body, returned(a), media(a, c, Consumes.class), media(a, c, Produces.class),
                deprecated ? "deprecated" : "", m.getDeclaringClass().getName().replaceFirst("^.*\\.", "") + "." + m.getName()));
    }

    /** The class that a handler reads from a body that it takes as it comes, if it is a single one. */
    static String read(Method m, String body) throws IOException {
        if (BODY_OF.containsKey(m.getName())) return BODY_OF.get(m.getName());
        Set<String> classes = new TreeSet<>();
        for (AbstractInsnNode i : instructions(m.getDeclaringClass(), m.getName())) {
            if (i instanceof LdcInsnNode n && n.cst instanceof org.objectweb.asm.Type t && t.getClassName().endsWith("Representation"))
                classes.add("object:" + t.getClassName().replaceFirst("^.*\\.", "").replace('$', '.'));
        }
        return classes.size() == 1 ? classes.iterator().next() : body;
    }

    /** What the operation answers with; its documentation's word where the method may answer anything. */
    static String returned(Method a) throws IOException {
        if (a.getReturnType() != Response.class && a.getReturnType() != Object.class) return word(a.getGenericReturnType());
        List<AnnotationNode> responses = new ArrayList<>(documented(a, "responses/APIResponse"));
        for (AnnotationNode all : documented(a, "responses/APIResponses")) responses.addAll(nested(all, "value"));
        for (AnnotationNode r : responses) {
            if (!(value(r, "responseCode") instanceof String code) || !code.startsWith("2")) continue;
            for (AnnotationNode content : nested(r, "content")) {
                if (!(value(content, "schema") instanceof AnnotationNode schema)) continue;
                if (!(value(schema, "implementation") instanceof org.objectweb.asm.Type t)) continue;
                String word = typeNamed(t.getClassName());
                return value(schema, "type") instanceof String[] type && type[1].equals("ARRAY") ? "list<" + word + ">" : word;
            }
        }
        return "";
    }

    /** A method's annotations of the API's documentation, whose classes not every version of the server has. */
    static List<AnnotationNode> documented(Method a, String name) throws IOException {
        String desc = "Lorg/eclipse/microprofile/openapi/annotations/" + name + ";";
        for (MethodNode m : node(a.getDeclaringClass()).methods) {
            if (!m.name.equals(a.getName()) || !m.desc.equals(org.objectweb.asm.Type.getMethodDescriptor(a)) || m.visibleAnnotations == null) continue;
            return m.visibleAnnotations.stream().filter(n -> n.desc.equals(desc)).toList();
        }
        return List.of();
    }

    static Object value(AnnotationNode a, String name) {
        for (int i = 0; a.values != null && i < a.values.size(); i += 2) if (a.values.get(i).equals(name)) return a.values.get(i + 1);
        return null;
    }

    static List<AnnotationNode> nested(AnnotationNode a, String name) {
        return value(a, name) instanceof List<?> l ? l.stream().map(n -> (AnnotationNode) n).toList() : List.of();
    }

    static String typeNamed(String name) {
        try {
            return word(Class.forName(name, false, Catalogue.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            return "any";
        }
    }

    /** The method with the annotations: the server also takes them from what it overrides. */
    static Method annotated(Method m) {
        if (m.isAnnotationPresent(Path.class) || !verbs(m).isEmpty()) return m;
        Deque<Class<?>> above = new ArrayDeque<>(List.of(m.getDeclaringClass()));
        while (!above.isEmpty()) {
            Class<?> c = above.pop();
            List<Class<?>> next = new ArrayList<>(Arrays.asList(c.getInterfaces()));
            if (c.getSuperclass() != null) next.add(c.getSuperclass());
            for (Class<?> s : next) {
                above.add(s);
                try {
                    Method o = s.getMethod(m.getName(), m.getParameterTypes());
                    if (o.isAnnotationPresent(Path.class) || !verbs(o).isEmpty()) return o;
                } catch (NoSuchMethodException other) {
                    // not from there
                }
            }
        }
        return null;
    }

    static List<String> verbs(Method m) {
        return Arrays.stream(m.getAnnotations()).map(a -> a.annotationType().getAnnotation(HttpMethod.class))
                .filter(v -> v != null).map(HttpMethod::value).toList();
    }

    /** The parameters that a method takes from its request's address or form. */
    static List<Param> params(Method a) {
        List<Param> out = new ArrayList<>();
        for (Parameter p : a.getParameters()) {
            String type = word(p.getParameterizedType());
            DefaultValue d = p.getAnnotation(DefaultValue.class);
            if (d != null) type += "=" + d.value();
            if (p.isAnnotationPresent(PathParam.class)) out.add(new Param("path", p.getAnnotation(PathParam.class).value(), type));
            if (p.isAnnotationPresent(QueryParam.class)) out.add(new Param("query", p.getAnnotation(QueryParam.class).value(), type));
            if (p.isAnnotationPresent(FormParam.class)) out.add(new Param("form", p.getAnnotation(FormParam.class).value(), type));
        }
        return out;
    }

    /** A parameter without an annotation of where it comes from is the body. */
    static boolean isBody(Parameter p) {
        return Arrays.stream(p.getAnnotations()).map(a -> a.annotationType())
                .noneMatch(t -> t == Context.class || t.getPackageName().equals("jakarta.ws.rs") && t != DefaultValue.class
                        || t.getName().startsWith("org.jboss.resteasy.reactive."));
    }

    /** The media types of a method, or else of its class. */
    static String media(Method a, Class<?> c, Class<? extends Annotation> kind) {
        Annotation found = a.getAnnotation(kind);
        if (found == null) found = a.getDeclaringClass().getAnnotation(kind);
        if (found == null) found = c.getAnnotation(kind);
        if (found == null) return "";
        String[] types = kind == Consumes.class ? ((Consumes) found).value() : ((Produces) found).value();
        return String.join(",", types).replace(" ", "");
    }

    /** The resource classes that a locator may return; by the address' part that chooses among them, "" where none does. */
    static Map<String, Set<Class<?>>> targets(Class<?> c, Method m, Method a) throws IOException {
        Class<?> declared = m.getReturnType();
        if (!declared.isInterface() && resource(declared)) return Map.of("", Set.of(declared));
        Set<Class<?>> made = made(m.getDeclaringClass(), m.getName());
        made.removeIf(t -> !resource(t) || !declared.isAssignableFrom(t));
        if (!made.isEmpty()) return Map.of("", made);
        if (resource(declared)) return Map.of("", Set.of(declared));
        if (uses(m.getDeclaringClass(), m.getName(), EXTENSION)) return extensions();
        return Map.of();
    }

    static boolean resource(Class<?> c) {
        if (c.isPrimitive() || !c.getName().startsWith("org.keycloak.")) return false;
        for (Method m : c.getMethods()) if (!m.isBridge() && annotated(m) != null) return true;
        return false;
    }

    /** The classes that extensions of the realm's resource serve, by the name that they are reached under. */
    static Map<String, Set<Class<?>>> extensions() throws IOException {
        Map<String, Set<Class<?>>> out = new TreeMap<>();
        for (var url : Collections.list(Catalogue.class.getClassLoader().getResources("META-INF/services/" + EXTENSION + "Factory"))) {
            List<String> names;
            try (var in = new BufferedReader(new InputStreamReader(url.openStream()))) {
                names = in.lines().map(l -> l.replaceFirst("#.*", "").trim()).filter(l -> !l.isEmpty()).toList();
            }
            for (String name : names) {
                try {
                    Class<?> factory = Class.forName(name, true, Catalogue.class.getClassLoader());
                    String id = (String) factory.getMethod("getId").invoke(factory.getConstructor().newInstance());
                    Set<Class<?>> providers = new LinkedHashSet<>(made(factory, "create")), found = new LinkedHashSet<>();
                    providers.add(factory);
                    for (Class<?> p : providers) found.addAll(made(p, "getResource"));
                    found.addAll(providers);
                    found.removeIf(t -> !resource(t));
                    if (found.isEmpty()) System.err.println("serves nothing: " + name);
                    out.put(id, found);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(name, e);
                }
            }
        }
        return out;
    }

    /** The classes of objects that a method makes, itself or by methods of its class. */
    static Set<Class<?>> made(Class<?> c, String method) throws IOException {
        Set<Class<?>> out = new LinkedHashSet<>();
        for (AbstractInsnNode i : instructions(c, method)) {
            if (!(i instanceof TypeInsnNode n) || n.getOpcode() != Opcodes.NEW) continue;
            try {
                out.add(Class.forName(n.desc.replace('/', '.'), false, Catalogue.class.getClassLoader()));
            } catch (ClassNotFoundException | LinkageError e) {
                // no resource of ours
            }
        }
        return out;
    }

    static boolean uses(Class<?> c, String method, String type) throws IOException {
        for (AbstractInsnNode i : instructions(c, method)) {
            if (i instanceof MethodInsnNode n && n.owner.equals(type.replace('.', '/'))) return true;
            if (i instanceof TypeInsnNode n && n.desc.equals(type.replace('.', '/'))) return true;
        }
        return false;
    }

    /** The instructions of the methods of a name, and of those of the same class that they call. */
    static List<AbstractInsnNode> instructions(Class<?> c, String method) throws IOException {
        List<AbstractInsnNode> out = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Deque<String> todo = new ArrayDeque<>(List.of(method));
        while (!todo.isEmpty()) {
            String name = todo.pop();
            if (!seen.add(name)) continue;
            for (Class<?> at = c; at != null && at.getName().startsWith("org.keycloak."); at = at.getSuperclass()) {
                ClassNode node = node(at);
                for (MethodNode m : node.methods) {
                    if (!m.name.equals(name)) continue;
                    for (AbstractInsnNode i : m.instructions) {
                        out.add(i);
                        if (i instanceof MethodInsnNode n && n.owner.equals(node.name) && !n.name.equals("<init>")) todo.push(n.name);
                        if (i instanceof InvokeDynamicInsnNode n)
                            for (Object arg : n.bsmArgs) if (arg instanceof org.objectweb.asm.Handle h && h.getOwner().equals(node.name)) todo.push(h.getName());
                    }
                }
            }
        }
        return out;
    }

    static ClassNode node(Class<?> c) throws IOException {
        ClassNode have = nodes.get(c.getName());
        if (have != null) return have;
        ClassNode node = new ClassNode();
        try (InputStream in = Catalogue.class.getClassLoader().getResourceAsStream(c.getName().replace('.', '/') + ".class")) {
            new ClassReader(in).accept(node, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        }
        nodes.put(c.getName(), node);
        return node;
    }

    /** Joins two parts of an address with one slash. */
    static String join(String at, String path) {
        path = path.replaceAll("^/+|/+$", "");
        return path.isEmpty() ? at : at + "/" + path;
    }

    /** The type word of a Java type. */
    static String word(Type t) {
        if (t instanceof ParameterizedType p) {
            Class<?> c = (Class<?>) p.getRawType();
            Type[] of = p.getActualTypeArguments();
            if (MultivaluedMap.class.isAssignableFrom(c)) return "form";
            if (Map.class.isAssignableFrom(c)) return "map<" + word(of[0]) + "," + word(of[1]) + ">";
            if (Set.class.isAssignableFrom(c)) return "set<" + word(of[0]) + ">";
            if (Collection.class.isAssignableFrom(c) || Stream.class.isAssignableFrom(c)) return "list<" + word(of[0]) + ">";
            return word(c);
        }
        if (t instanceof WildcardType w) return word(w.getUpperBounds()[0]);
        if (t instanceof TypeVariable<?> v) return word(v.getBounds()[0]);
        if (t instanceof GenericArrayType a) return "list<" + word(a.getGenericComponentType()) + ">";
        Class<?> c = (Class<?>) t;
        if (c == void.class || c == Void.class) return "";
        if (c == String.class || c == byte[].class) return "string";
        if (c == boolean.class || c == Boolean.class) return "boolean";
        if (c == int.class || c == Integer.class || c == long.class || c == Long.class) return "integer";
        if (c.isEnum()) return Arrays.stream(c.getEnumConstants()).map(Object::toString).collect(Collectors.joining("|", "enum:", ""));
        if (c.isArray()) return "list<" + word(c.getComponentType()) + ">";
        if (c == InputStream.class || c == Object.class || !c.getName().startsWith("org.keycloak.")) {
            return Map.class.isAssignableFrom(c) ? "map<string,any>" : Collection.class.isAssignableFrom(c) || c == Stream.class ? "list<any>" : "any";
        }
        return "object:" + c.getName().substring(c.getPackageName().length() + 1).replace('$', '.');
    }
}
