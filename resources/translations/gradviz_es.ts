<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en_US">
<context>
    <name>About</name>
    <message>
        <source>About gradviz</source>
        <translation>Acerca de gradviz</translation>
    </message>
    <message>
        <source>Draws the computational graph of ordinary PyTorch code and steps through the backward pass that PyTorch really executed.

torch {torch}, Qt {qt}
BSD 3-Clause licence</source>
        <translation>Dibuja el grafo computacional de código PyTorch corriente y recorre paso a paso la pasada hacia atrás que PyTorch ejecutó de verdad.

torch {torch}, Qt {qt}
Licencia BSD de 3 cláusulas</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Atajos de teclado</translation>
    </message>
    <message>
        <source>With the graph in focus</source>
        <translation>Con el foco en el grafo</translation>
    </message>
    <message>
        <source>With the timeline in focus</source>
        <translation>Con el foco en la línea de tiempo</translation>
    </message>
    <message>
        <source>One autograd node forward or back</source>
        <translation>Un nodo de autograd adelante o atrás</translation>
    </message>
    <message>
        <source>One op forward or back</source>
        <translation>Una operación adelante o atrás</translation>
    </message>
    <message>
        <source>Zoom in, zoom out, fit everything</source>
        <translation>Acercar, alejar, todo</translation>
    </message>
    <message>
        <source>Only this pass, or everything</source>
        <translation>Solo esta pasada, o todo</translation>
    </message>
    <message>
        <source>Zoom at the pointer</source>
        <translation>Zoom en el puntero</translation>
    </message>
    <message>
        <source>Ctrl+wheel</source>
        <translation>Ctrl+rueda</translation>
    </message>
    <message>
        <source>Move the view</source>
        <translation>Mover la imagen</translation>
    </message>
    <message>
        <source>Space+drag, middle drag</source>
        <translation>Espacio+arrastrar, arrastrar con el botón central</translation>
    </message>
    <message>
        <source>Fit the selection, or everything</source>
        <translation>Ajustar a la selección, o a todo</translation>
    </message>
    <message>
        <source>Fit everything</source>
        <translation>Ajustar a todo</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>Tamaño real</translation>
    </message>
    <message>
        <source>What it was computed from, what was computed from it</source>
        <translation>De qué se calculó, qué se calculó con ella</translation>
    </message>
    <message>
        <source>All paths from the selection to a card</source>
        <translation>Todos los caminos de la selección a una tarjeta</translation>
    </message>
    <message>
        <source>Shift+click</source>
        <translation>Mayús+clic</translation>
    </message>
    <message>
        <source>Move a card and its edges</source>
        <translation>Mover una tarjeta con sus aristas</translation>
    </message>
    <message>
        <source>Drag</source>
        <translation>Arrastrar</translation>
    </message>
    <message>
        <source>To the start, to the end</source>
        <translation>Al inicio, al final</translation>
    </message>
    <message>
        <source>Along the edges</source>
        <translation>Por las aristas</translation>
    </message>
    <message>
        <source>Arrow keys</source>
        <translation>Teclas de flecha</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Archivo</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Edición</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>E&amp;jecutar</translation>
    </message>
    <message>
        <source>&amp;Step</source>
        <translation>&amp;Paso</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ver</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>Ay&amp;uda</translation>
    </message>
    <message>
        <source>&amp;New</source>
        <translation>&amp;Nuevo</translation>
    </message>
    <message>
        <source>Start an empty expression file</source>
        <translation>Empezar un archivo de expresiones vacío</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>&amp;Abrir…</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Guardar</translation>
    </message>
    <message>
        <source>Save the expression file</source>
        <translation>Guardar el archivo de expresiones</translation>
    </message>
    <message>
        <source>Save &amp;as…</source>
        <translation>Guardar &amp;como…</translation>
    </message>
    <message>
        <source>Save recor&amp;ding as…</source>
        <translation>Guardar gra&amp;bación como…</translation>
    </message>
    <message>
        <source>Save the graph with its values and gradients, to open later without running anything</source>
        <translation>Guardar el grafo con sus valores y gradientes, para abrirlo sin ejecutar</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Salir</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Deshacer</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Rehacer</translation>
    </message>
    <message>
        <source>&amp;Comment or uncomment</source>
        <translation>&amp;Comentar o descomentar</translation>
    </message>
    <message>
        <source>&amp;Find…</source>
        <translation>&amp;Buscar…</translation>
    </message>
    <message>
        <source>Find in the text, or in the graph when it has the focus</source>
        <translation>Buscar en el texto, o en el grafo mientras se usa</translation>
    </message>
    <message>
        <source>Find in the &amp;graph…</source>
        <translation>Buscar en el &amp;grafo…</translation>
    </message>
    <message>
        <source>Names, ops, shapes, conditions, numbers and regular expressions</source>
        <translation>Nombres, operaciones, formas, condiciones, números y expresiones regulares</translation>
    </message>
    <message>
        <source>Find ne&amp;xt</source>
        <translation>Buscar &amp;siguiente</translation>
    </message>
    <message>
        <source>Find &amp;previous</source>
        <translation>Buscar &amp;anterior</translation>
    </message>
    <message>
        <source>Run the code and draw its graph</source>
        <translation>Ejecutar el código y dibujar su grafo</translation>
    </message>
    <message>
        <source>Run and &amp;check the gradients</source>
        <translation>Ejecutar y &amp;comprobar los gradientes</translation>
    </message>
    <message>
        <source>Compare every gradient with an independent one and with finite differences</source>
        <translation>Comparar cada gradiente con otro independiente y con diferencias finitas</translation>
    </message>
    <message>
        <source>&amp;What if…</source>
        <translation>¿Y &amp;si…</translation>
    </message>
    <message>
        <source>Change a leaf&apos;s value or a gradient, run again and see what differs</source>
        <translation>Cambiar el valor de una hoja o un gradiente, ejecutar de nuevo y ver qué difiere</translation>
    </message>
    <message>
        <source>Same random &amp;numbers each run</source>
        <translation>Mismos &amp;números aleatorios en cada ejecución</translation>
    </message>
    <message>
        <source>Begin every run with the same seed; saved with the file, so that it gives everybody the same numbers</source>
        <translation>Comenzar cada ejecución con la misma semilla; se guarda con el archivo, de modo que da a todos los mismos números</translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation>&amp;Detener</translation>
    </message>
    <message>
        <source>Co&amp;mpare with a recording…</source>
        <translation>Co&amp;mparar con una grabación…</translation>
    </message>
    <message>
        <source>Say where this graph&apos;s values and gradients part from those of a recording: of before an edit, of another rank or device</source>
        <translation>Decir dónde los valores y gradientes de este grafo se apartan de los de una grabación: de antes de un cambio, de otro rango o dispositivo</translation>
    </message>
    <message>
        <source>Stop the running code</source>
        <translation>Detener el código en ejecución</translation>
    </message>
    <message>
        <source>Restart the &amp;engine</source>
        <translation>Reiniciar el &amp;motor</translation>
    </message>
    <message>
        <source>End the engine&apos;s process and start a new one</source>
        <translation>Terminar el proceso del motor e iniciar otro</translation>
    </message>
    <message>
        <source>Stop tr&amp;usting this file</source>
        <translation>Dejar de con&amp;fiar en este archivo</translation>
    </message>
    <message>
        <source>Ask before it is run, now and whenever it is opened</source>
        <translation>Preguntar antes de ejecutarlo, ahora y cada vez que se abra</translation>
    </message>
    <message>
        <source>Step &amp;over the next op</source>
        <translation>&amp;Pasar la operación siguiente</translation>
    </message>
    <message>
        <source>Execute all autograd nodes of the next op</source>
        <translation>Ejecutar todos los nodos de autograd de la operación siguiente</translation>
    </message>
    <message>
        <source>Step &amp;into the next node</source>
        <translation>&amp;Entrar en el nodo siguiente</translation>
    </message>
    <message>
        <source>Execute the next autograd node</source>
        <translation>Ejecutar el nodo de autograd siguiente</translation>
    </message>
    <message>
        <source>Step o&amp;ut</source>
        <translation>&amp;Salir</translation>
    </message>
    <message>
        <source>To the end of the op, otherwise of the module, otherwise of the pass</source>
        <translation>Hasta el final de la operación, o si no del módulo, o si no de la pasada</translation>
    </message>
    <message>
        <source>Step back o&amp;ver the previous op</source>
        <translation>Pasar &amp;hacia atrás una operación</translation>
    </message>
    <message>
        <source>Undo all autograd nodes of the previous op</source>
        <translation>Deshacer todos los nodos de autograd de la operación anterior</translation>
    </message>
    <message>
        <source>Step &amp;back into the previous node</source>
        <translation>&amp;Volver al nodo anterior</translation>
    </message>
    <message>
        <source>Undo the last autograd node</source>
        <translation>Deshacer el último nodo de autograd</translation>
    </message>
    <message>
        <source>Step back ou&amp;t</source>
        <translation>Salir hacia a&amp;trás</translation>
    </message>
    <message>
        <source>To the start of the op, otherwise of the module, otherwise of the pass</source>
        <translation>Hasta el principio de la operación, o si no del módulo, o si no de la pasada</translation>
    </message>
    <message>
        <source>&amp;Run to the next breakpoint</source>
        <translation>Seguir hasta el punto de pa&amp;rada siguiente</translation>
    </message>
    <message>
        <source>To the next breakpoint, or to the end if there is none</source>
        <translation>Hasta el punto de parada siguiente o, si no hay, hasta el final</translation>
    </message>
    <message>
        <source>Run bac&amp;k to the previous breakpoint</source>
        <translation>Retro&amp;ceder hasta el punto de parada anterior</translation>
    </message>
    <message>
        <source>To the previous breakpoint, or to the start if there is none</source>
        <translation>Hasta el punto de parada anterior o, si no hay, hasta el principio</translation>
    </message>
    <message>
        <source>Toggle breakpoi&amp;nt</source>
        <translation>Poner o quitar pu&amp;nto de parada</translation>
    </message>
    <message>
        <source>Set or remove a breakpoint on the cursor&apos;s line or, in the graph, on the selection</source>
        <translation>Poner o quitar un punto de parada en la línea del cursor o, en el grafo, en lo seleccionado</translation>
    </message>
    <message>
        <source>Ne&amp;xt event of the selection</source>
        <translation>S&amp;uceso siguiente de lo seleccionado</translation>
    </message>
    <message>
        <source>To the next moment when something happens to the selection</source>
        <translation>Al momento siguiente en que le ocurre algo a lo seleccionado</translation>
    </message>
    <message>
        <source>&amp;Previous event of the selection</source>
        <translation>Suceso anterior &amp;de lo seleccionado</translation>
    </message>
    <message>
        <source>To the previous moment when something happened to the selection</source>
        <translation>Al momento anterior en que le ocurrió algo a lo seleccionado</translation>
    </message>
    <message>
        <source>After the last step of all passes</source>
        <translation>Después del último paso de todas las pasadas</translation>
    </message>
    <message>
        <source>P&amp;lay or pause</source>
        <translation>Reproducir o p&amp;ausar</translation>
    </message>
    <message>
        <source>&amp;Zoom the timeline to this pass, or out</source>
        <translation>Acercar la línea de tiempo a esta pasada o ale&amp;jarla</translation>
    </message>
    <message>
        <source>Show the steps of this pass from end to end, or all steps again</source>
        <translation>Mostrar los pasos de esta pasada de extremo a extremo, o de nuevo todos</translation>
    </message>
    <message>
        <source>Predict the &amp;gradients</source>
        <translation>Predecir los &amp;gradientes</translation>
    </message>
    <message>
        <source>Cl&amp;ear the highlighting</source>
        <translation>Quitar el &amp;resaltado</translation>
    </message>
    <message>
        <source>Next &amp;part of the window</source>
        <translation>Zona sig&amp;uiente de la ventana</translation>
    </message>
    <message>
        <source>Previ&amp;ous part of the window</source>
        <translation>&amp;Zona anterior de la ventana</translation>
    </message>
    <message>
        <source>To the &amp;start</source>
        <translation>Al &amp;inicio</translation>
    </message>
    <message>
        <source>Open an expression file, a notebook or a recording; several side by side</source>
        <translation>Abrir un archivo de expresiones, un cuaderno o una grabación; varios, uno al lado de otro</translation>
    </message>
    <message>
        <source>Before the first step of all passes</source>
        <translation>Antes del primer paso de todas las pasadas</translation>
    </message>
    <message>
        <source>To the &amp;end</source>
        <translation>Al &amp;final</translation>
    </message>
    <message>
        <source>Type each gradient before it is shown, and see how many you get right</source>
        <translation>Escribir cada gradiente antes de que se muestre y ver cuántos eran correctos</translation>
    </message>
    <message>
        <source>&amp;Fit the graph</source>
        <translation>A&amp;justar el grafo</translation>
    </message>
    <message>
        <source>Show the whole graph</source>
        <translation>Mostrar el grafo entero</translation>
    </message>
    <message>
        <source>&amp;Zoom to the selection</source>
        <translation>&amp;Ampliar la selección</translation>
    </message>
    <message>
        <source>Show the selected card and what is around it</source>
        <translation>Mostrar la tarjeta seleccionada y lo que la rodea</translation>
    </message>
    <message>
        <source>Graph in &amp;actual size</source>
        <translation>Graf&amp;o a tamaño real</translation>
    </message>
    <message>
        <source>Highlight &amp;what it was computed from</source>
        <translation>De &amp;qué se calculó</translation>
    </message>
    <message>
        <source>Highlight the ancestors of the selection</source>
        <translation>Resaltar los antecesores de la selección</translation>
    </message>
    <message>
        <source>Highlight what was computed from &amp;it</source>
        <translation>Qué se calculó a partir de &amp;ella</translation>
    </message>
    <message>
        <source>Highlight the descendants of the selection</source>
        <translation>Resaltar los descendientes de la selección</translation>
    </message>
    <message>
        <source>Edge width by gradient &amp;norm</source>
        <translation>Anc&amp;ho de las aristas según su norma</translation>
    </message>
    <message>
        <source>The width of each edge shows the norm of its gradient</source>
        <translation>El ancho de una arista indica la norma de su gradiente</translation>
    </message>
    <message>
        <source>From the text to the output, the graph, the steps and the panel</source>
        <translation>Del texto a la salida, al grafo, a los pasos y al panel</translation>
    </message>
    <message>
        <source>&amp;Larger text</source>
        <translation>Texto más &amp;grande</translation>
    </message>
    <message>
        <source>&amp;Smaller text</source>
        <translation>Texto más &amp;pequeño</translation>
    </message>
    <message>
        <source>&amp;Usual text size</source>
        <translation>Tamaño &amp;normal del texto</translation>
    </message>
    <message>
        <source>Pro&amp;jector mode</source>
        <translation>Modo pro&amp;yector</translation>
    </message>
    <message>
        <source>Text that can be read from the last row (18 points)</source>
        <translation>Texto que se lee desde la última fila, 18 puntos</translation>
    </message>
    <message>
        <source>Full s&amp;creen</source>
        <translation>Pantalla &amp;completa</translation>
    </message>
    <message>
        <source>&amp;Reduce motion</source>
        <translation>Reducir el mo&amp;vimiento</translation>
    </message>
    <message>
        <source>Cards move to their new places at once, without animation</source>
        <translation>Las tarjetas pasan a su nuevo lugar de inmediato</translation>
    </message>
    <message>
        <source>&amp;Find a command…</source>
        <translation>&amp;Buscar una orden…</translation>
    </message>
    <message>
        <source>Type part of a command&apos;s name and run it</source>
        <translation>Escriba parte del nombre de una orden y ejecútela</translation>
    </message>
    <message>
        <source>&amp;Hints</source>
        <translation>&amp;Indicaciones</translation>
    </message>
    <message>
        <source>Show what the parts of the window are for</source>
        <translation>Mostrar para qué sirven las partes de la ventana</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>&amp;Atajos de teclado</translation>
    </message>
    <message>
        <source>&amp;About gradviz</source>
        <translation>Acerca &amp;de gradviz</translation>
    </message>
    <message>
        <source>S&amp;how</source>
        <translation>Mostrar</translation>
    </message>
    <message>
        <source>Filters</source>
        <translation>Filtros</translation>
    </message>
    <message>
        <source>Fol&amp;ding</source>
        <translation>P&amp;legado</translation>
    </message>
    <message>
        <source>La&amp;yout</source>
        <translation>&amp;Disposición</translation>
    </message>
    <message>
        <source>O&amp;verlay</source>
        <translation>Colore&amp;s</translation>
    </message>
    <message>
        <source>Ex&amp;port the graph…</source>
        <translation>Ex&amp;portar el grafo…</translation>
    </message>
    <message>
        <source>Save what is shown as SVG, PNG, PDF or DOT</source>
        <translation>Guardar la imagen que se ve: SVG, PNG, PDF, DOT</translation>
    </message>
    <message>
        <source>Export e&amp;very step…</source>
        <translation>Exportar cada pas&amp;o…</translation>
    </message>
    <message>
        <source>Save a PDF with a page for each step, such as for slides or handouts</source>
        <translation>Guardar un PDF con una página por paso, como para diapositivas o apuntes</translation>
    </message>
    <message>
        <source>&amp;Copy the picture</source>
        <translation>Copiar la &amp;imagen</translation>
    </message>
    <message>
        <source>Copy what is shown to the clipboard</source>
        <translation>Poner en el portapapeles la imagen que se ve</translation>
    </message>
    <message>
        <source>Pict&amp;ures in the window&apos;s colours</source>
        <translation>Imágenes con los colores de la &amp;ventana</translation>
    </message>
    <message>
        <source>Export and copy in the colours that are seen here, not on white paper</source>
        <translation>Exportar y copiar con los colores que se ven aquí, no en papel blanco</translation>
    </message>
    <message>
        <source>&amp;None</source>
        <translation>&amp;Ninguno</translation>
    </message>
    <message>
        <source>Each kind of card in its own colours</source>
        <translation>Cada clase de tarjeta con sus propios colores</translation>
    </message>
    <message>
        <source>&amp;Dtype</source>
        <translation>&amp;Tipo de datos</translation>
    </message>
    <message>
        <source>Colour the graph by dtype</source>
        <translation>Colorear el grafo por tipo de datos</translation>
    </message>
    <message>
        <source>De&amp;vice</source>
        <translation>&amp;Dispositivo</translation>
    </message>
    <message>
        <source>Colour the graph by device</source>
        <translation>Colorear el grafo por dispositivo</translation>
    </message>
    <message>
        <source>&amp;Time</source>
        <translation>T&amp;iempo</translation>
    </message>
    <message>
        <source>Colour the graph by the time that each op took in the run</source>
        <translation>Colorear el grafo por el tiempo que llevó cada elemento en la ejecución</translation>
    </message>
    <message>
        <source>&amp;Gradient norm</source>
        <translation>Norma del &amp;gradiente</translation>
    </message>
    <message>
        <source>Colour cards and edges by the norms of their gradients</source>
        <translation>Colorear tarjetas y aristas por las normas de sus gradientes</translation>
    </message>
    <message>
        <source>&amp;Bytes</source>
        <translation>&amp;Bytes</translation>
    </message>
    <message>
        <source>Colour the graph by memory: tensors, results, what is saved</source>
        <translation>Colorear el grafo por memoria: tensores, resultados, lo guardado</translation>
    </message>
    <message>
        <source>&amp;What differs</source>
        <translation>&amp;Lo que difiere</translation>
    </message>
    <message>
        <source>Colour what a what-if run changed</source>
        <translation>Colorear lo que cambió una ejecución de prueba</translation>
    </message>
    <message>
        <source>&amp;Forward</source>
        <translation>Hacia a&amp;delante</translation>
    </message>
    <message>
        <source>Tensors and ops as written</source>
        <translation>Tensores y operaciones tal como se escribieron</translation>
    </message>
    <message>
        <source>&amp;Backward</source>
        <translation>Hacia a&amp;trás</translation>
    </message>
    <message>
        <source>PyTorch&apos;s autograd nodes and the leaves</source>
        <translation>Los nodos de autograd de PyTorch y las hojas</translation>
    </message>
    <message>
        <source>B&amp;oth</source>
        <translation>&amp;Ambos</translation>
    </message>
    <message>
        <source>Each op with its autograd nodes</source>
        <translation>Cada operación con sus nodos de autograd</translation>
    </message>
    <message>
        <source>Only this &amp;pass</source>
        <translation>Solo esta &amp;pasada</translation>
    </message>
    <message>
        <source>Draw only what the shown backward pass executed</source>
        <translation>Dibujar solo lo que ejecutó la pasada hacia atrás mostrada</translation>
    </message>
    <message>
        <source>Hide &amp;constants</source>
        <translation>Ocultar las &amp;constantes</translation>
    </message>
    <message>
        <source>Leave out what needs no gradient</source>
        <translation>Omitir lo que no necesita gradiente</translation>
    </message>
    <message>
        <source>Hide what is &amp;outside the gradient graph</source>
        <translation>Ocultar lo que está &amp;fuera del grafo de gradientes</translation>
    </message>
    <message>
        <source>Leave out what no backward pass went through</source>
        <translation>Omitir aquello por lo que no pasó ninguna pasada hacia atrás</translation>
    </message>
    <message>
        <source>Hide autograd &amp;nodes</source>
        <translation>Ocultar los &amp;nodos de autograd</translation>
    </message>
    <message>
        <source>Leave out the autograd nodes beside their ops</source>
        <translation>Omitir los nodos de autograd junto a sus operaciones</translation>
    </message>
    <message>
        <source>&amp;Show everything</source>
        <translation>&amp;Mostrar todo</translation>
    </message>
    <message>
        <source>Turn all filters off</source>
        <translation>Desactivar todos los filtros</translation>
    </message>
    <message>
        <source>&amp;Open all</source>
        <translation>&amp;Abrir todo</translation>
    </message>
    <message>
        <source>Draw every op of every module and loop</source>
        <translation>Dibujar cada operación de cada módulo y bucle</translation>
    </message>
    <message>
        <source>&amp;Fold all</source>
        <translation>&amp;Plegar todo</translation>
    </message>
    <message>
        <source>Draw each module and loop as one card</source>
        <translation>Dibujar cada módulo y bucle como una tarjeta</translation>
    </message>
    <message>
        <source>As much as is &amp;readable</source>
        <translation>Tanto como se pueda &amp;leer</translation>
    </message>
    <message>
        <source>Small graphs open, large ones folded, as when first drawn</source>
        <translation>Los grafos pequeños abiertos, los grandes plegados: como al principio</translation>
    </message>
    <message>
        <source>Open or fold the &amp;selection</source>
        <translation>Abrir o plegar la &amp;selección</translation>
    </message>
    <message>
        <source>Show what is in the selected card, or fold it up</source>
        <translation>Mostrar lo que hay en la tarjeta seleccionada, o plegarla</translation>
    </message>
    <message>
        <source>Fold what is &amp;around the selection</source>
        <translation>Plegar lo que &amp;rodea la selección</translation>
    </message>
    <message>
        <source>Draw the module or loop around it as one card</source>
        <translation>Dibujar como una tarjeta el módulo o bucle que la rodea</translation>
    </message>
    <message>
        <source>Re&amp;veal the selection</source>
        <translation>&amp;Descubrir la selección</translation>
    </message>
    <message>
        <source>Open all that the selection is folded up in</source>
        <translation>Abrir todo aquello en lo que está plegada la selección</translation>
    </message>
    <message>
        <source>&amp;Layers</source>
        <translation>&amp;Capas</translation>
    </message>
    <message>
        <source>Each op after its inputs</source>
        <translation>Cada operación detrás de lo que toma</translation>
    </message>
    <message>
        <source>&amp;Spring</source>
        <translation>&amp;Muelles</translation>
    </message>
    <message>
        <source>Edges as springs (networkx)</source>
        <translation>Las aristas como muelles (networkx)</translation>
    </message>
    <message>
        <source>&amp;Kamada–Kawai</source>
        <translation>&amp;Kamada–Kawai</translation>
    </message>
    <message>
        <source>Distances as in the graph (networkx)</source>
        <translation>Distancias como en el grafo (networkx)</translation>
    </message>
    <message>
        <source>&amp;Circle</source>
        <translation>C&amp;írculo</translation>
    </message>
    <message>
        <source>All on a circle (networkx)</source>
        <translation>Todo en un círculo (networkx)</translation>
    </message>
    <message>
        <source>&amp;Multipartite</source>
        <translation>M&amp;ultipartito</translation>
    </message>
    <message>
        <source>In straight rows by depth (networkx)</source>
        <translation>En filas rectas según la profundidad (networkx)</translation>
    </message>
    <message>
        <source>From &amp;top to bottom</source>
        <translation>De &amp;arriba abajo</translation>
    </message>
    <message>
        <source>From left to &amp;right</source>
        <translation>De &amp;izquierda a derecha</translation>
    </message>
    <message>
        <source>Reset the la&amp;yout</source>
        <translation>Restablecer la &amp;disposición</translation>
    </message>
    <message>
        <source>Put every card back where the layout places it</source>
        <translation>Devolver cada tarjeta adonde la pone la disposición</translation>
    </message>
    <message>
        <source>{count} cards are drawn, but this layout takes at most {most}: fold some</source>
        <translation>Se dibujan {count} tarjetas y esta disposición es para {most} como mucho: pliegue algunas</translation>
    </message>
</context>
<context>
    <name>Baseline</name>
    <message>
        <source>{name} has nothing in common with this graph: no tensor of it is here.</source>
        <translation>{name} no tiene nada en común con este grafo: ninguno de sus tensores está aquí.</translation>
    </message>
</context>
<context>
    <name>BaselineBar</name>
    <message>
        <source>Close (Esc)</source>
        <translation>Cerrar (Esc)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>What differs from the other recording</source>
        <translation>Qué difiere de la otra grabación</translation>
    </message>
    <message numerus="yes">
        <source>%Ln value(s) differ</source>
        <translation>
            <numerusform>%Ln valor difiere</numerusform>
            <numerusform>%Ln valores difieren</numerusform>
        </translation>
    </message>
    <message>
        <source>Here</source>
        <translation>Aquí</translation>
    </message>
    <message>
        <source>Compared with {name}</source>
        <translation>Comparado con {name}</translation>
    </message>
    <message>
        <source>nothing in common</source>
        <translation>nada en común</translation>
    </message>
    <message>
        <source>all that both have is equal</source>
        <translation>todo lo que ambos tienen es igual</translation>
    </message>
    <message numerus="yes">
        <source>%Ln call(s) only here</source>
        <translation>
            <numerusform>%Ln llamada solo aquí</numerusform>
            <numerusform>%Ln llamadas solo aquí</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln call(s) only there</source>
        <translation>
            <numerusform>%Ln llamada solo allí</numerusform>
            <numerusform>%Ln llamadas solo allí</numerusform>
        </translation>
    </message>
    <message>
        <source>{calls}, first on line {line}</source>
        <translation>{calls}, la primera en la línea {line}</translation>
    </message>
</context>
<context>
    <name>BreakpointForm</name>
    <message>
        <source>Stop when</source>
        <translation>Parar cuando</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Umbral</translation>
    </message>
    <message>
        <source>From hit</source>
        <translation>Desde la vez</translation>
    </message>
    <message>
        <source>Earlier hits are ignored</source>
        <translation>Las veces anteriores se pasan por alto</translation>
    </message>
    <message>
        <source>“{}” is not a number from 0 up, such as 100 or 1e-6; the threshold stays {}.</source>
        <translation>«{}» no es un número desde 0, como 100 o 1e-6; el umbral sigue en {}.</translation>
    </message>
</context>
<context>
    <name>BreakpointModel</name>
    <message>
        <source>not hit</source>
        <translation>sin alcanzar</translation>
    </message>
    <message>
        <source>hit {} of {}</source>
        <translation>alcanzado {} de {}</translation>
    </message>
    <message>
        <source>stops from hit {} on</source>
        <translation>para desde la vez {}</translation>
    </message>
</context>
<context>
    <name>BreakpointPanel</name>
    <message>
        <source>Breakpoints</source>
        <translation>Puntos de parada</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Añadir</translation>
    </message>
    <message>
        <source>Stop at a line, at the selection, or when …</source>
        <translation>Parar en una línea, en lo seleccionado o cuando…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Quitar</translation>
    </message>
    <message>
        <source>Remove the selected breakpoint (Del)</source>
        <translation>Quitar el punto de parada elegido (Supr)</translation>
    </message>
    <message>
        <source>All on/off</source>
        <translation>Todos sí/no</translation>
    </message>
    <message>
        <source>Turn all breakpoints off, or on again</source>
        <translation>Desactivar todos los puntos de parada, o activarlos de nuevo</translation>
    </message>
    <message>
        <source>No breakpoints. Click beside a line number, press F9, or choose Break here in the menu of a node. F8 runs to the next one, Shift+F8 to the previous one.</source>
        <translation>No hay puntos de parada. Haga clic junto a un número de línea, pulse F9 o elija Parar aquí en el menú de un nodo. F8 sigue hasta el siguiente, Mayús+F8 vuelve al anterior.</translation>
    </message>
    <message>
        <source>On line {} of the text</source>
        <translation>En la línea {} del texto</translation>
    </message>
    <message>
        <source>On the selection: {}</source>
        <translation>En lo seleccionado: {}</translation>
    </message>
    <message>
        <source>On module {}</source>
        <translation>En el módulo {}</translation>
    </message>
    <message>
        <source>Where a gradient has NaN or Inf</source>
        <translation>Donde un gradiente tiene NaN o Inf</translation>
    </message>
    <message>
        <source>Where a leaf accumulates</source>
        <translation>Donde una hoja acumula</translation>
    </message>
    <message>
        <source>Where a norm is above a threshold</source>
        <translation>Donde una norma supera un umbral</translation>
    </message>
    <message>
        <source>Where a norm is below a threshold</source>
        <translation>Donde una norma no llega a un umbral</translation>
    </message>
    <message>
        <source>Where most of a gradient is zero</source>
        <translation>Donde casi todo un gradiente es cero</translation>
    </message>
</context>
<context>
    <name>Breakpoints</name>
    <message>
        <source>line {}</source>
        <translation>línea {}</translation>
    </message>
    <message>
        <source>Anywhere</source>
        <translation>En cualquier sitio</translation>
    </message>
    <message>
        <source>Line {}</source>
        <translation>Línea {}</translation>
    </message>
    <message>
        <source>Module {}</source>
        <translation>Módulo {}</translation>
    </message>
    <message>
        <source>no. {}</source>
        <translation>n.º {}</translation>
    </message>
    <message>
        <source>always</source>
        <translation>siempre</translation>
    </message>
    <message>
        <source>gradient has NaN or Inf</source>
        <translation>el gradiente tiene NaN o Inf</translation>
    </message>
    <message>
        <source>norm above</source>
        <translation>norma mayor que</translation>
    </message>
    <message>
        <source>norm below</source>
        <translation>norma menor que</translation>
    </message>
    <message>
        <source>zeros above</source>
        <translation>ceros por encima de</translation>
    </message>
    <message>
        <source>a leaf accumulates</source>
        <translation>una hoja acumula</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Computational graph</source>
        <translation>Grafo computacional</translation>
    </message>
    <message>
        <source>Laying out the graph…</source>
        <translation>Disponiendo el grafo…</translation>
    </message>
    <message>
        <source>Laying out the graph… {} %</source>
        <translation>Disponiendo el grafo… {} %</translation>
    </message>
    <message>
        <source>The graph could not be drawn: {}</source>
        <translation>No se pudo dibujar el grafo: {}</translation>
    </message>
    <message>
        <source>No path leads from one to the other.</source>
        <translation>Ningún camino lleva de uno al otro.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln items</source>
        <translation>
            <numerusform>%Ln elemento</numerusform>
            <numerusform>%Ln elementos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln edges</source>
        <translation>
            <numerusform>%Ln arista</numerusform>
            <numerusform>%Ln aristas</numerusform>
        </translation>
    </message>
    <message>
        <source>Selected: {}</source>
        <translation>Seleccionado: {}</translation>
    </message>
    <message>
        <source>scalar</source>
        <translation>escalar</translation>
    </message>
    <message>
        <source>unnamed</source>
        <translation>sin nombre</translation>
    </message>
    <message>
        <source>leaf</source>
        <translation>hoja</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>parámetro</translation>
    </message>
    <message>
        <source>intermediate tensor</source>
        <translation>tensor intermedio</translation>
    </message>
    <message>
        <source>root of a backward pass</source>
        <translation>raíz de una pasada hacia atrás</translation>
    </message>
    <message>
        <source>constant: needs no gradient</source>
        <translation>constante: no necesita gradiente</translation>
    </message>
    <message>
        <source>makes a tensor</source>
        <translation>crea un tensor</translation>
    </message>
    <message>
        <source>changes its input in place</source>
        <translation>modifica su entrada in situ</translation>
    </message>
    <message>
        <source>copies between devices</source>
        <translation>copia entre dispositivos</translation>
    </message>
    <message>
        <source>leaves torch</source>
        <translation>sale de torch</translation>
    </message>
    <message>
        <source>optimizer step</source>
        <translation>paso del optimizador</translation>
    </message>
    <message>
        <source>Before the first step of {}.</source>
        <translation>Antes del primer paso de {}.</translation>
    </message>
    <message>
        <source>the backward pass</source>
        <translation>la pasada hacia atrás</translation>
    </message>
    <message>
        <source>Step {} of {}: {}.</source>
        <translation>Paso {} de {}: {}.</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>Gradiente</translation>
    </message>
    <message>
        <source>Gradient of {}</source>
        <translation>Gradiente de {}</translation>
    </message>
    <message>
        <source>The op and its autograd node</source>
        <translation>La operación y su nodo de autograd</translation>
    </message>
    <message>
        <source>no gradient has passed along it yet</source>
        <translation>aún no ha llegado ningún gradiente por ella</translation>
    </message>
    <message>
        <source>carries no gradient</source>
        <translation>no lleva ningún gradiente</translation>
    </message>
    <message>
        <source>value {}</source>
        <translation>valor {}</translation>
    </message>
    <message>
        <source>line {}</source>
        <translation>línea {}</translation>
    </message>
    <message>
        <source>adds to {}.grad</source>
        <translation>suma a {}.grad</translation>
    </message>
    <message>
        <source>still to come</source>
        <translation>pendiente</translation>
    </message>
    <message>
        <source>the step just executed</source>
        <translation>el paso recién ejecutado</translation>
    </message>
    <message>
        <source>executed</source>
        <translation>ejecutado</translation>
    </message>
    <message>
        <source>keeps {} for backward</source>
        <translation>guarda {} para backward</translation>
    </message>
    <message>
        <source>{} of {} steps of its ops done</source>
        <translation>{} de {} pasos de sus operaciones hechos</translation>
    </message>
    <message>
        <source>took {}</source>
        <translation>tardó {}</translation>
    </message>
    <message>
        <source>{} to {}</source>
        <translation>de {} a {}</translation>
    </message>
    <message>
        <source>mean {} ± {}</source>
        <translation>media {} ± {}</translation>
    </message>
    <message>
        <source>(was {})</source>
        <translation>(antes {})</translation>
    </message>
    <message>
        <source>Received {}</source>
        <translation>Recibió {}</translation>
    </message>
    <message>
        <source>Sent {}</source>
        <translation>Envió {}</translation>
    </message>
    <message>
        <source>The run stopped on line {line} ({error}) before torch made anything, so there is no graph to draw.</source>
        <translation>La ejecución se detuvo en la línea {line} ({error}) antes de que torch creara nada, así que no hay grafo que dibujar.</translation>
    </message>
    <message>
        <source>The run stopped before torch made anything, so there is no graph to draw.</source>
        <translation>La ejecución se detuvo antes de que torch creara nada, así que no hay grafo que dibujar.</translation>
    </message>
    <message>
        <source>No graph yet. Run the text with Ctrl+Enter, and its graph is drawn here.</source>
        <translation>Aún no hay grafo. Ejecute el texto con Ctrl+Intro y su grafo se dibujará aquí.</translation>
    </message>
    <message>
        <source>This run made nothing with torch, so there is no graph to draw.</source>
        <translation>Esta ejecución no creó nada con torch, así que no hay grafo que dibujar.</translation>
    </message>
    <message>
        <source>The chosen backward pass executed nothing that could be drawn.</source>
        <translation>La pasada hacia atrás elegida no ejecutó nada que se pueda dibujar.</translation>
    </message>
    <message>
        <source>There is no backward graph: nothing in this run requires a gradient. Make a tensor with requires_grad=True, or show the forward graph.</source>
        <translation>No hay grafo hacia atrás: nada en esta ejecución requiere gradiente. Cree un tensor con requires_grad=True o muestre el grafo hacia adelante.</translation>
    </message>
    <message>
        <source>No backward pass went through anything, and everything else is hidden.</source>
        <translation>Ninguna pasada hacia atrás pasó por nada, y todo lo demás está oculto.</translation>
    </message>
    <message>
        <source>Nothing in this run requires a gradient, and everything else is hidden.</source>
        <translation>Nada en esta ejecución requiere gradiente, y todo lo demás está oculto.</translation>
    </message>
    <message>
        <source>Nothing in this run has a name or a connection that could be drawn.</source>
        <translation>Nada de esta ejecución tiene un nombre o una conexión que se pueda dibujar.</translation>
    </message>
    <message>
        <source>of pass {}</source>
        <translation>de la pasada {}</translation>
    </message>
</context>
<context>
    <name>CanvasMenu</name>
    <message>
        <source>Break here</source>
        <translation>Parar aquí</translation>
    </message>
    <message>
        <source>Go to its next event</source>
        <translation>Ir a su suceso siguiente</translation>
    </message>
    <message>
        <source>Go to its previous event</source>
        <translation>Ir a su suceso anterior</translation>
    </message>
    <message>
        <source>What if…</source>
        <translation>¿Y si…</translation>
    </message>
    <message>
        <source>Put it back where the layout places it</source>
        <translation>Devolverla adonde la pone la disposición</translation>
    </message>
    <message>
        <source>Show its line of code</source>
        <translation>Mostrar su línea de código</translation>
    </message>
    <message>
        <source>Fold it</source>
        <translation>Plegarlo</translation>
    </message>
    <message>
        <source>Open it</source>
        <translation>Abrirlo</translation>
    </message>
    <message>
        <source>Fold {scope}</source>
        <translation>Plegar {scope}</translation>
    </message>
</context>
<context>
    <name>Centre</name>
    <message>
        <source>The graph appears in a moment</source>
        <translation>El grafo aparecerá en un momento</translation>
    </message>
    <message>
        <source>The graph appears when the run ends</source>
        <translation>El grafo aparecerá cuando termine la ejecución</translation>
    </message>
    <message>
        <source>The run ended before it made a tensor</source>
        <translation>La ejecución terminó antes de crear un tensor</translation>
    </message>
    <message>
        <source>This run made no tensors</source>
        <translation>Esta ejecución no creó tensores</translation>
    </message>
    <message>
        <source>No graph yet</source>
        <translation>Aún no hay grafo</translation>
    </message>
    <message numerus="yes">
        <source>%Ln items are hidden by filters.</source>
        <translation>
            <numerusform>Los filtros ocultan %Ln elemento.</numerusform>
            <numerusform>Los filtros ocultan %Ln elementos.</numerusform>
        </translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Mostrar</translation>
    </message>
    <message>
        <source>Drawn in layers: the chosen layout takes at most {most} cards.</source>
        <translation>Dibujado en capas: la disposición elegida admite como mucho {most} tarjetas.</translation>
    </message>
    <message>
        <source>This graph is from the run before; the last run left none.</source>
        <translation>Este grafo es de la ejecución anterior; la última no dejó ninguno.</translation>
    </message>
    <message>
        <source>The whole graph would be a thin line: it is shown at its full width.</source>
        <translation>El grafo entero sería una línea fina: se muestra a todo su ancho.</translation>
    </message>
</context>
<context>
    <name>ChainModel</name>
    <message>
        <source>Show more ({} further consumers)</source>
        <translation>Mostrar más de {} consumidores restantes</translation>
    </message>
    <message>
        <source>backward begins here</source>
        <translation>backward empieza aquí</translation>
    </message>
    <message>
        <source>{op}, line {line}</source>
        <translation>{op}, línea {line}</translation>
    </message>
</context>
<context>
    <name>ChainSection</name>
    <message>
        <source>Down to the root</source>
        <translation>Hasta la raíz</translation>
    </message>
    <message>
        <source>The parts of this sum, consumer by consumer</source>
        <translation>Las partes de esta suma, consumidor por consumidor</translation>
    </message>
</context>
<context>
    <name>ChainTree</name>
    <message>
        <source>Chain rule, consumer by consumer down to the root</source>
        <translation>Regla de la cadena, consumidor por consumidor hasta la raíz</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Copiar como texto</translation>
    </message>
    <message>
        <source>Copy as LaTeX</source>
        <translation>Copiar como LaTeX</translation>
    </message>
</context>
<context>
    <name>CodeEditor</name>
    <message>
        <source>Code editor</source>
        <translation>Editor de código</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Find a command</source>
        <translation>Buscar una orden</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Órdenes</translation>
    </message>
    <message>
        <source>No command has these words.</source>
        <translation>Ninguna orden tiene estas palabras.</translation>
    </message>
</context>
<context>
    <name>ContentsView</name>
    <message>
        <source>Numbers</source>
        <translation>Números</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>Mapa</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>Histograma</translation>
    </message>
    <message>
        <source>Recompute it</source>
        <translation>Recalcularlo</translation>
    </message>
    <message>
        <source>Runs the same code again, without its output, to compute this value again</source>
        <translation>Ejecuta el código otra vez sin su salida, tal como era, para crear este valor de nuevo</translation>
    </message>
    <message>
        <source>It has no elements.</source>
        <translation>No tiene elementos.</translation>
    </message>
    <message>
        <source>The plot could not be made: {}</source>
        <translation>No se pudo crear el gráfico: {}</translation>
    </message>
    <message>
        <source>Showing the first {} of {}.</source>
        <translation>Se muestran los primeros {} de {}.</translation>
    </message>
    <message>
        <source>Each cell shows the largest magnitude among {} × {} elements.</source>
        <translation>Cada celda es el mayor en valor absoluto de {} × {} elementos.</translation>
    </message>
    <message>
        <source>Kernels: a group for each output, with an image for each input.</source>
        <translation>Núcleos: un grupo por cada salida y, en él, una imagen por cada entrada.</translation>
    </message>
    <message>
        <source>Recomputed by running the code again.</source>
        <translation>Recalculado ejecutando el código otra vez.</translation>
    </message>
    <message>
        <source>It differs from the value in the run that is shown.</source>
        <translation>Resultó distinto que en la ejecución que se muestra.</translation>
    </message>
    <message>
        <source>|z| are the absolute values of the elements.</source>
        <translation>|z| son los valores absolutos de los elementos.</translation>
    </message>
    <message>
        <source>Index along dimension {}</source>
        <translation>Índice a lo largo de la dimensión {}</translation>
    </message>
    <message>
        <source>of {}</source>
        <translation>de {}</translation>
    </message>
    <message>
        <source>Recomputing…</source>
        <translation>Recalculando…</translation>
    </message>
</context>
<context>
    <name>Counts</name>
    <message numerus="yes">
        <source>%Ln tensors</source>
        <translation>
            <numerusform>%Ln tensor</numerusform>
            <numerusform>%Ln tensores</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln ops</source>
        <translation>
            <numerusform>%Ln operación</numerusform>
            <numerusform>%Ln operaciones</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln parameters</source>
        <translation>
            <numerusform>%Ln parámetro</numerusform>
            <numerusform>%Ln parámetros</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln autograd nodes</source>
        <translation>
            <numerusform>%Ln nodo de autograd</numerusform>
            <numerusform>%Ln nodos de autograd</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DataMenus</name>
    <message>
        <source>&amp;Examples</source>
        <translation>E&amp;jemplos</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>Abrir &amp;reciente</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Tema</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>&amp;Idioma</translation>
    </message>
    <message>
        <source>As the &amp;system</source>
        <translation>Como el &amp;sistema</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Claro</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Oscuro</translation>
    </message>
    <message>
        <source>English</source>
        <translation>Inglés</translation>
    </message>
    <message>
        <source>Spanish</source>
        <translation>Español</translation>
    </message>
    <message>
        <source>{path} (missing)</source>
        <translation>{path} (no existe)</translation>
    </message>
    <message>
        <source>None yet</source>
        <translation>Ninguno todavía</translation>
    </message>
    <message>
        <source>Clear this list</source>
        <translation>Vaciar esta lista</translation>
    </message>
</context>
<context>
    <name>DepthPlot</name>
    <message>
        <source>Size of the gradient at each layer</source>
        <translation>Tamaño del gradiente en cada capa</translation>
    </message>
</context>
<context>
    <name>DepthView</name>
    <message>
        <source>Layers and the size of their gradients</source>
        <translation>Capas y el tamaño de sus gradientes</translation>
    </message>
    <message>
        <source>Backward pass</source>
        <translation>Pasada hacia atrás</translation>
    </message>
    <message>
        <source>Pass {number}: {call}, line {line}</source>
        <translation>Pasada {number}: {call}, línea {line}</translation>
    </message>
    <message>
        <source>No backward pass sent finite gradients through two layers with weights of their own.</source>
        <translation>Ninguna pasada hacia atrás llevó gradientes finitos a través de dos capas con pesos propios.</translation>
    </message>
    <message>
        <source>Root mean square of the gradient that reached each layer, from the input to the loss. Click a point or a row to go to its layer.</source>
        <translation>Media cuadrática del gradiente que llegó a cada capa, de la entrada a la pérdida. Un punto o una fila lleva a su capa.</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Capa</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>Línea</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>Gradiente</translation>
    </message>
</context>
<context>
    <name>DeviceChips</name>
    <message>
        <source>Bytes on each device</source>
        <translation>Bytes en cada dispositivo</translation>
    </message>
    <message>
        <source>Drop tensors here to put them on {}</source>
        <translation>Suelte tensores aquí para ponerlos en {}</translation>
    </message>
</context>
<context>
    <name>DevicePanel</name>
    <message>
        <source>Devices</source>
        <translation>Dispositivos</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>Tensores</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Tiempo</translation>
    </message>
</context>
<context>
    <name>DifferenceModel</name>
    <message>
        <source>What</source>
        <translation>Qué</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Antes</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Ahora</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Diferencia</translation>
    </message>
    <message>
        <source>In the corner: {}</source>
        <translation>En la esquina: {}</translation>
    </message>
    <message>
        <source>{count} of {all}, up to {largest} at {place}</source>
        <translation>{count} de {all}, hasta {largest} en {place}</translation>
    </message>
    <message>
        <source>tensor {}</source>
        <translation>tensor {}</translation>
    </message>
    <message>
        <source>into {node}, step {step}</source>
        <translation>hacia {node}, paso {step}</translation>
    </message>
    <message>
        <source>out of {node}, step {step}</source>
        <translation>desde {node}, paso {step}</translation>
    </message>
</context>
<context>
    <name>Docks</name>
    <message>
        <source>Inspector</source>
        <translation>Inspector</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>Hallazgos</translation>
    </message>
    <message>
        <source>Findings ({})</source>
        <translation>Hallazgos ({})</translation>
    </message>
    <message>
        <source>Breaks</source>
        <translation>Paradas</translation>
    </message>
    <message>
        <source>Breaks ({})</source>
        <translation>Paradas ({})</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Dispositivos</translation>
    </message>
</context>
<context>
    <name>Document</name>
    <message>
        <source>untitled.py</source>
        <translation>sin_titulo.py</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>Se guardó {name}</translation>
    </message>
    <message>
        <source>Save the changes to {name}?</source>
        <translation>¿Guardar los cambios de {name}?</translation>
    </message>
    <message>
        <source>Unsaved changes will be lost.</source>
        <translation>Si no se guardan, se pierden.</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Guardar</translation>
    </message>
    <message>
        <source>&amp;Discard</source>
        <translation>&amp;Descartar</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Cancelar</translation>
    </message>
    <message>
        <source>Python, notebooks and recordings (*.py *.ipynb *.gradviz);;All files (*)</source>
        <translation>Python, cuadernos y grabaciones (*.py *.ipynb *.gradviz);;Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>Python (*.py)</source>
        <translation>Python (*.py)</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation>Guardar como</translation>
    </message>
    <message>
        <source>Recordings (*.gradviz)</source>
        <translation>Grabaciones (*.gradviz)</translation>
    </message>
    <message>
        <source>Save the recording as</source>
        <translation>Guardar la grabación como</translation>
    </message>
    <message>
        <source>Compare with a recording</source>
        <translation>Comparar con una grabación</translation>
    </message>
    <message>
        <source>SVG picture (*.svg)</source>
        <translation>Imagen SVG (*.svg)</translation>
    </message>
    <message>
        <source>PNG picture (*.png)</source>
        <translation>Imagen PNG (*.png)</translation>
    </message>
    <message>
        <source>PDF page (*.pdf)</source>
        <translation>Página PDF (*.pdf)</translation>
    </message>
    <message>
        <source>Graphviz graph (*.dot)</source>
        <translation>Grafo de Graphviz (*.dot)</translation>
    </message>
    <message>
        <source>JSON report (*.json)</source>
        <translation>Informe JSON (*.json)</translation>
    </message>
    <message>
        <source>Export the graph</source>
        <translation>Exportar el grafo</translation>
    </message>
    <message>
        <source>PDF, a page for each step (*.pdf)</source>
        <translation>PDF, una página por paso (*.pdf)</translation>
    </message>
    <message>
        <source>Export the steps</source>
        <translation>Exportar los pasos</translation>
    </message>
    <message>
        <source>Save the picture as</source>
        <translation>Guardar la imagen como</translation>
    </message>
    <message>
        <source>Save over {name}?</source>
        <translation>¿Guardar encima de {name}?</translation>
    </message>
    <message>
        <source>The file has changed since it was opened here, and that change would be lost. File → Save as… keeps both.</source>
        <translation>El archivo ha cambiado desde que se abrió aquí, y ese cambio se perdería. Archivo → Guardar como… conserva ambos.</translation>
    </message>
    <message>
        <source>Save over it</source>
        <translation>Guardar encima</translation>
    </message>
    <message>
        <source>Run {name}?</source>
        <translation>¿Ejecutar {name}?</translation>
    </message>
    <message>
        <source>This file came from elsewhere. Running it gives its code full access to your account: it can read, change and delete your files and use the network. Run it only if you know what it does or trust who wrote it.</source>
        <translation>Este archivo viene de otro lugar. Ejecutarlo da a su código acceso completo a su cuenta: puede leer, modificar y borrar sus archivos y usar la red. Ejecútelo solo si sabe lo que hace o confía en quien lo escribió.</translation>
    </message>
    <message>
        <source>Trust and run</source>
        <translation>Confiar y ejecutar</translation>
    </message>
</context>
<context>
    <name>ElementTable</name>
    <message>
        <source>Index of the other dimensions</source>
        <translation>Índice de las demás dimensiones</translation>
    </message>
    <message>
        <source>Index along dimension {}</source>
        <translation>Índice en la dimensión {}</translation>
    </message>
</context>
<context>
    <name>ErrorCard</name>
    <message>
        <source>Traceback</source>
        <translation>Traza del error</translation>
    </message>
    <message>
        <source>line {line}, column {column}</source>
        <translation>línea {line}, columna {column}</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find</source>
        <translation>Buscar</translation>
    </message>
    <message>
        <source>Find in the text</source>
        <translation>Buscar en el texto</translation>
    </message>
    <message>
        <source>Previous (Shift+Enter)</source>
        <translation>Anterior (Mayús+Intro)</translation>
    </message>
    <message>
        <source>Next (Enter)</source>
        <translation>Siguiente (Intro)</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>Cerrar (Esc)</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>No se encuentra</translation>
    </message>
    <message numerus="yes">
        <source>%Ln found</source>
        <translation>
            <numerusform>%Ln encontrado</numerusform>
            <numerusform>%Ln encontrados</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FindingModel</name>
    <message>
        <source>line {}</source>
        <translation>línea {}</translation>
    </message>
</context>
<context>
    <name>Findings</name>
    <message>
        <source>Step {step} of {steps} of {backward}, {node} of {op} (line {line}), is the first that sends a gradient that is not finite ({what}), although what it received is finite.</source>
        <translation>El paso {step} de {steps} de {backward}, {node} de {op} (línea {line}), es el primero que envía un gradiente no finito ({what}), aunque lo que recibió es finito.</translation>
    </message>
    <message>
        <source>Step {step} of {steps} of {backward}, {node} of {op} (line {line}), is the first that sends a gradient that is not finite ({what}), although what it received is finite; this happens in {passes} passes.</source>
        <translation>El paso {step} de {steps} de {backward}, {node} de {op} (línea {line}), es el primero que envía un gradiente no finito ({what}), aunque lo que recibió es finito; ocurre en {passes} pasadas.</translation>
    </message>
    <message>
        <source>Step {step} of {steps} of {backward}, {node} of {op} (line {line}), is the first that receives a gradient that is not finite ({what}), although all that was sent before is finite: a hook changed it, or it is a sum that became too large.</source>
        <translation>El paso {step} de {steps} de {backward}, {node} de {op} (línea {line}), es el primero que recibe un gradiente no finito ({what}), aunque todo lo que se envió antes es finito: lo cambió un hook, o es una suma que se hizo demasiado grande.</translation>
    </message>
    <message>
        <source>Step {step} of {backward}, {node} of {op} (line {line}), made a gradient that is not a number, and torch.autograd.detect_anomaly ended the pass there.</source>
        <translation>El paso {step} de {backward}, {node} de {op} (línea {line}), creó un gradiente que no es un número, y torch.autograd.detect_anomaly terminó ahí la pasada.</translation>
    </message>
    <message>
        <source>{second} (line {line}) needs what {op} (line {op_line}) had saved, but {first} (line {first_line}) went through it before and freed it: give that call retain_graph=True, or compute the result again.</source>
        <translation>{second} (línea {line}) necesita lo que había guardado {op} (línea {op_line}), pero {first} (línea {first_line}) pasó antes por ahí y lo liberó: dé a esa llamada retain_graph=True o calcule el resultado de nuevo.</translation>
    </message>
    <message>
        <source>{second} (line {line}) needs what {op} (line {op_line}) had saved, but an earlier iteration of the loop went through it and freed it: detach what is carried from one iteration to the next, or give backward retain_graph=True.</source>
        <translation>{second} (línea {line}) necesita lo que había guardado {op} (línea {op_line}), pero una vuelta anterior del bucle pasó por ahí y lo liberó: separe con .detach() lo que se lleva de una vuelta a otra, o dé a backward retain_graph=True.</translation>
    </message>
    <message>
        <source>{second} (line {line}) needs what {op} (line {op_line}) had saved, but it was freed: compute the result again, or keep it with retain_graph=True.</source>
        <translation>{second} (línea {line}) necesita lo que había guardado {op} (línea {op_line}), pero ya se liberó: calcule el resultado de nuevo o consérvelo con retain_graph=True.</translation>
    </message>
    <message>
        <source>{dead} of {units} units of {op} (line {line}) are dead ({percent} %): they are 0 for all {samples} samples and pass no gradient.</source>
        <translation>{dead} de {units} unidades de {op} (línea {line}) están muertas ({percent} %): valen 0 en las {samples} muestras y no dejan pasar gradiente.</translation>
    </message>
    <message>
        <source>All {elements} results of {op} (line {line}) are 0, so no gradient passes through it.</source>
        <translation>Los {elements} resultados de {op} (línea {line}) son 0, así que no pasa ningún gradiente.</translation>
    </message>
    <message>
        <source>{percent} % of the results of {op} (line {line}) are 0 and pass no gradient.</source>
        <translation>El {percent} % de los resultados de {op} (línea {line}) es 0 y no deja pasar gradiente.</translation>
    </message>
    <message>
        <source>Gradients vanish in {backward} (line {line}): {small} at {first} against {large} at {last} (root mean square), over {layers} layers.</source>
        <translation>Los gradientes se desvanecen en {backward} (línea {line}): {small} en {first} frente a {large} en {last} (media cuadrática), a lo largo de {layers} capas.</translation>
    </message>
    <message>
        <source>Gradients explode in {backward} (line {line}): {large} at {first} against {small} at {last} (root mean square), over {layers} layers.</source>
        <translation>Los gradientes explotan en {backward} (línea {line}): {large} en {first} frente a {small} en {last} (media cuadrática), a lo largo de {layers} capas.</translation>
    </message>
    <message>
        <source>{op} (line {line}) is the first operation with a result that is not finite ({what}), although all of its inputs are finite.</source>
        <translation>{op} (línea {line}) es la primera operación con un resultado no finito ({what}), aunque todo lo que recibió es finito.</translation>
    </message>
    <message>
        <source>{op} (line {line}) is the first operation with a result that is not a number ({what}): it computed that from an Inf.</source>
        <translation>{op} (línea {line}) es la primera operación con un resultado que no es un número ({what}): lo produjo a partir del Inf que recibió.</translation>
    </message>
    <message>
        <source>{tensor} (line {line}) was not finite when it was made ({what}), and {op} (line {op_line}) computes with it.</source>
        <translation>{tensor} (línea {line}) no era finito desde que se creó ({what}), y {op} (línea {op_line}) calcula con él.</translation>
    </message>
    <message>
        <source>{change} (line {changed_line}) changed {tensor} in place, but {op} (line {saved_line}) had saved it for backward: {node} needs version {saved_version} and finds version {found_version}.</source>
        <translation>{change} (línea {changed_line}) modificó {tensor} in situ, pero {op} (línea {saved_line}) lo había guardado para la pasada hacia atrás: {node} necesita la versión {saved_version} y encuentra la versión {found_version}.</translation>
    </message>
    <message>
        <source>What {op} (line {saved_line}) had saved for backward was changed in place: {node} needs version {saved_version} and finds version {found_version}.</source>
        <translation>Lo que {op} (línea {saved_line}) había guardado para la pasada hacia atrás se modificó in situ: {node} necesita la versión {saved_version} y encuentra la versión {found_version}.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because .detach() on line {line} ({op}) cut it off.</source>
        <translation>{tensor}: .grad es None porque .detach() en la línea {line} ({op}) lo separó del grafo.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because .data on line {line} ({op}) cut it off.</source>
        <translation>{tensor}: .grad es None porque .data en la línea {line} ({op}) lo separó del grafo.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because line {line} ({op}) ran while gradients were off (torch.no_grad or inference mode).</source>
        <translation>{tensor}: .grad es None porque la línea {line} ({op}) se ejecutó con los gradientes desactivados (torch.no_grad o modo de inferencia).</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} makes integers or booleans, which have no gradient.</source>
        <translation>{tensor}: .grad es None porque {op} en la línea {line} produce enteros o valores lógicos, que no tienen gradiente.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} copies numbers into a new tensor, which knows nothing of where they came from (requires_grad=True does not change that). Leave it out, or join tensors with torch.stack.</source>
        <translation>{tensor}: .grad es None porque {op}, en la línea {line}, copia números a un tensor nuevo, que no sabe de dónde vienen (requires_grad=True no cambia eso). Omítalo, o una los tensores con torch.stack.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} leaves PyTorch: what is computed from a plain number or array has no gradient.</source>
        <translation>{tensor}: .grad es None porque {op} en la línea {line} sale de PyTorch: lo que se calcula con un número o un arreglo corriente no tiene gradiente.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because the gradient on line {line} was computed without create_graph=True.</source>
        <translation>{tensor}: .grad es None porque el gradiente de la línea {line} se calculó sin create_graph=True.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} was given nothing that requires grad: such a checkpoint then computes without gradients. use_reentrant=False has them.</source>
        <translation>{tensor}: .grad es None porque {op}, en la línea {line}, no recibió nada con requires_grad: un checkpoint así calcula entonces sin gradientes. Con use_reentrant=False los hay.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because line {line} ({op}) ran before requires_grad was set.</source>
        <translation>{tensor}: .grad es None porque la línea {line} ({op}) se ejecutó antes de que se activara requires_grad.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} cannot be differentiated.</source>
        <translation>{tensor}: .grad es None porque {op} en la línea {line} no se puede derivar.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because nothing was computed from it.</source>
        <translation>{tensor}: .grad es None porque no se calculó nada con él.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {roots}, which backward started from, does not depend on it.</source>
        <translation>{tensor}: .grad es None porque {roots}, de donde partió la pasada hacia atrás, no depende de él.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because it is not among the inputs that backward was asked for.</source>
        <translation>{tensor}: .grad es None porque no está entre las entradas (inputs) para las que se pidió la pasada hacia atrás.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because what was computed from it sent no gradient back.</source>
        <translation>{tensor}: .grad es None porque lo que se calculó con él no le devolvió ningún gradiente.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because no backward ran.</source>
        <translation>{tensor}: .grad es None porque no se ejecutó ningún backward.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because it was made after the last backward.</source>
        <translation>{tensor}: .grad es None porque se creó después del último backward.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because torch.autograd.grad returns gradients and leaves .grad alone.</source>
        <translation>{tensor}: .grad es None porque torch.autograd.grad devuelve los gradientes y no toca .grad.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because backward failed before it reached it.</source>
        <translation>{tensor}: .grad es None porque la pasada hacia atrás falló antes de llegar a él.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because it is not a leaf, and only leaves keep their gradient; call .retain_grad() on it before backward.</source>
        <translation>{tensor}: .grad es None porque no es una hoja, y solo las hojas conservan su gradiente; llame a .retain_grad() sobre él antes de backward.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None: .retain_grad() was called after backward (call it before), or .grad was cleared since.</source>
        <translation>{tensor}: .grad es None: se llamó a .retain_grad() después de backward (llámelo antes), o .grad se ha borrado desde entonces.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} made it from the leaf that requires grad: compute first, then call .requires_grad_().</source>
        <translation>{tensor}: .grad es None porque {op} en la línea {line} lo creó a partir de la hoja que requiere gradiente: primero calcule, y después llame a .requires_grad_().</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} gave this name to a result, which is not a leaf: the gradient is in .grad of the leaf that had this name before.</source>
        <translation>{tensor}: .grad es None porque {op} en la línea {line} dio este nombre a un resultado, que no es una hoja: el gradiente está en el .grad de la hoja que se llamaba así antes.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} gave this name to a result, which is not a leaf: update the leaf in place, under torch.no_grad().</source>
        <translation>{tensor}: .grad es None porque {op} en la línea {line} dio este nombre a un resultado, que no es una hoja: actualice la hoja in situ, con torch.no_grad().</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because they were used only while gradients were off (torch.no_grad or inference mode), first on line {line} ({op}).</source>
        <translation>{tensor}: .grad es None porque solo se usaron con los gradientes desactivados (torch.no_grad o modo de inferencia), primero en la línea {line} ({op}).</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {op} on line {line} made it from the leaf that requires grad: move or convert first, then set requires_grad.</source>
        <translation>{tensor}: .grad es None porque {op} en la línea {line} lo creó a partir de la hoja que requiere gradiente: primero mueva o convierta, y después active requires_grad.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because it does not require grad.</source>
        <translation>{tensor}: .grad es None porque no requiere gradiente.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because .detach() on line {line} ({op}) cut them off.</source>
        <translation>{tensor}: .grad es None porque .detach() en la línea {line} ({op}) los separó del grafo.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because .data on line {line} ({op}) cut them off.</source>
        <translation>{tensor}: .grad es None porque .data en la línea {line} ({op}) los separó del grafo.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because nothing was computed from them.</source>
        <translation>{tensor}: .grad es None porque no se calculó nada con ellos.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because {roots}, which backward started from, does not depend on them.</source>
        <translation>{tensor}: .grad es None porque {roots}, de donde partió la pasada hacia atrás, no depende de ellos.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because they are not among the inputs that backward was asked for.</source>
        <translation>{tensor}: .grad es None porque no están entre las entradas (inputs) para las que se pidió la pasada hacia atrás.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because what was computed from them sent no gradient back.</source>
        <translation>{tensor}: .grad es None porque lo que se calculó con ellos no les devolvió ningún gradiente.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because they were made after the last backward.</source>
        <translation>{tensor}: .grad es None porque se crearon después de la última pasada hacia atrás.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because backward failed before it reached them.</source>
        <translation>{tensor}: .grad es None porque la pasada hacia atrás falló antes de llegar a ellos.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because they are not leaves, and only leaves keep their gradient; call .retain_grad() on them before backward.</source>
        <translation>{tensor}: .grad es None porque no son hojas, y solo las hojas conservan su gradiente; llame a .retain_grad() sobre ellos antes de backward.</translation>
    </message>
    <message>
        <source>{tensor}: .grad is None because they do not require grad.</source>
        <translation>{tensor}: .grad es None porque no requieren gradiente.</translation>
    </message>
    <message>
        <source>backward cannot start from {tensor} (line {line}): nothing that it was computed from requires grad.</source>
        <translation>backward no puede partir de {tensor} (línea {line}): nada de lo que se usó para calcularlo requiere gradiente.</translation>
    </message>
    <message>
        <source>backward cannot start from {tensor} (line {line}): {op} on line {cut_line} cut it off from everything that requires grad.</source>
        <translation>backward no puede partir de {tensor} (línea {line}): {op} en la línea {cut_line} lo separó de todo lo que requiere gradiente.</translation>
    </message>
    <message>
        <source>backward cannot start from {tensor} (line {line}): {op} on line {cut_line} ran while gradients were off (torch.no_grad or inference mode).</source>
        <translation>backward no puede partir de {tensor} (línea {line}): {op} en la línea {cut_line} se ejecutó con los gradientes desactivados (torch.no_grad o modo de inferencia).</translation>
    </message>
    <message>
        <source>backward cannot start from {tensor} (line {line}): {op} on line {cut_line} ran before requires_grad was set.</source>
        <translation>backward no puede partir de {tensor} (línea {line}): {op} en la línea {cut_line} se ejecutó antes de que se activara requires_grad.</translation>
    </message>
    <message>
        <source>backward cannot start from {tensor} (line {line}): {op} on line {cut_line} makes integers or booleans, which have no gradient.</source>
        <translation>backward no puede empezar en {tensor} (línea {line}): {op}, en la línea {cut_line}, crea enteros o booleanos, que no tienen gradiente.</translation>
    </message>
    <message>
        <source>backward cannot start from {tensor} (line {line}): {op} on line {cut_line} copies numbers into a new tensor, which knows nothing of where they came from. Leave it out, or join tensors with torch.stack.</source>
        <translation>backward no puede empezar en {tensor} (línea {line}): {op}, en la línea {cut_line}, copia números a un tensor nuevo, que no sabe de dónde vienen. Omítalo, o una los tensores con torch.stack.</translation>
    </message>
    <message>
        <source>backward cannot start from {tensor} (line {line}): {op} on line {cut_line} returns gradients without a graph unless it is given create_graph=True.</source>
        <translation>backward no puede empezar en {tensor} (línea {line}): {op}, en la línea {cut_line}, devuelve gradientes sin grafo si no recibe create_graph=True.</translation>
    </message>
    <message>
        <source>{backward} (line {line}) added to gradients that were already there: {passes} backward calls are summed in .grad of {tensors}.</source>
        <translation>{backward} (línea {line}) sumó a gradientes que ya estaban: en .grad de {tensors} se suman {passes} llamadas a backward.</translation>
    </message>
    <message>
        <source>{backward} (line {line}) added to gradients that an update had already used: {passes} backward calls are summed in .grad of {tensors}. Clear them before backward, with optimizer.zero_grad() for instance.</source>
        <translation>{backward} (línea {line}) sumó a gradientes que una actualización ya había usado: en .grad de {tensors} se suman {passes} llamadas a backward. Bórrelos antes de backward, por ejemplo con optimizer.zero_grad().</translation>
    </message>
    <message>
        <source>{write} (line {line}) wrote into {tensor} through .data, which PyTorch does not notice: {op} (line {saved_line}) had saved it for backward, so {node} computed a wrong gradient.</source>
        <translation>{write} (línea {line}) escribió en {tensor} a través de .data, y PyTorch no se da cuenta: {op} (línea {saved_line}) lo había guardado para la pasada hacia atrás, así que {node} calculó un gradiente incorrecto.</translation>
    </message>
    <message>
        <source>NaN or Inf in forward</source>
        <translation>NaN o Inf hacia adelante</translation>
    </message>
    <message>
        <source>NaN or Inf in backward</source>
        <translation>NaN o Inf hacia atrás</translation>
    </message>
    <message>
        <source>Nothing to differentiate</source>
        <translation>Nada que derivar</translation>
    </message>
    <message>
        <source>Why .grad is None</source>
        <translation>Por qué .grad es None</translation>
    </message>
    <message>
        <source>Parameter without gradient</source>
        <translation>Parámetro sin gradiente</translation>
    </message>
    <message>
        <source>Gradients added up</source>
        <translation>Gradientes sumados</translation>
    </message>
    <message>
        <source>Optimizer step without gradients</source>
        <translation>Paso del optimizador sin gradientes</translation>
    </message>
    <message>
        <source>Gradients without an optimizer</source>
        <translation>Gradientes sin optimizador</translation>
    </message>
    <message>
        <source>Graphs kept alive</source>
        <translation>Grafos que siguen en memoria</translation>
    </message>
    <message>
        <source>Changed in place</source>
        <translation>Modificado in situ</translation>
    </message>
    <message>
        <source>Wrong gradient after .data</source>
        <translation>Gradiente incorrecto tras .data</translation>
    </message>
    <message>
        <source>Checkpoint with other random numbers</source>
        <translation>Checkpoint con otros números aleatorios</translation>
    </message>
    <message>
        <source>Backward a second time</source>
        <translation>backward por segunda vez</translation>
    </message>
    <message>
        <source>Dead ReLU</source>
        <translation>ReLU muerta</translation>
    </message>
    <message>
        <source>Gradient of zeros only</source>
        <translation>Gradiente de solo ceros</translation>
    </message>
    <message>
        <source>What the loss was given</source>
        <translation>Lo que recibió la pérdida</translation>
    </message>
    <message>
        <source>Vanishing gradients</source>
        <translation>Gradientes evanescentes</translation>
    </message>
    <message>
        <source>Exploding gradients</source>
        <translation>Gradientes que explotan</translation>
    </message>
    <message>
        <source>Moved, not a leaf</source>
        <translation>Movido, ya no es hoja</translation>
    </message>
    <message>
        <source>Unintended broadcast</source>
        <translation>Broadcasting no buscado</translation>
    </message>
    <message>
        <source>Loss term without gradient</source>
        <translation>Término de la pérdida sin gradiente</translation>
    </message>
    <message>
        <source>Memory for backward</source>
        <translation>Memoria para la pasada hacia atrás</translation>
    </message>
    <message>
        <source>Checked gradients</source>
        <translation>Gradientes comprobados</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Error</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Aviso</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Nota</translation>
    </message>
    <message>
        <source>Checked: the derivative of {op} (line {line}) is wrong. {problem}</source>
        <translation>Comprobado: la derivada de {op} (línea {line}) es incorrecta. {problem}</translation>
    </message>
    <message>
        <source>Checked: the gradient of {name} is {recorded}, but finite differences give {expected}.</source>
        <translation>Comprobado: el gradiente de {name} es {recorded}, pero las diferencias finitas dan {expected}.</translation>
    </message>
    <message>
        <source>Checked: the gradient of {name} is not what finite differences give at {differing} of {numel} elements. The largest differences: {places}.</source>
        <translation>Comprobado: el gradiente de {name} no es el que dan las diferencias finitas en {differing} de {numel} elementos. Las mayores diferencias: {places}.</translation>
    </message>
    <message>
        <source>Checked: the gradient of {name} is not what finite differences give at {differing} of the {checked} elements that were looked at, drawn at random from {numel}. The largest differences: {places}.</source>
        <translation>Comprobado: el gradiente de {name} no es el que dan las diferencias finitas en {differing} de los {checked} elementos examinados, tomados al azar de {numel}. Las mayores diferencias: {places}.</translation>
    </message>
    <message>
        <source>Of the checked gradients {count} are too large for finite differences at each element, the first that of {name}: they were checked along random directions and at {sampled} elements drawn at random.</source>
        <translation>De los gradientes comprobados, {count} son demasiado grandes para diferencias finitas en cada elemento, el primero el de {name}: se comprobaron en direcciones al azar y en {sampled} elementos tomados al azar.</translation>
    </message>
    <message>
        <source>Checked: the gradient of {name} is not what finite differences give.</source>
        <translation>Comprobado: el gradiente de {name} no es el que dan las diferencias finitas.</translation>
    </message>
    <message>
        <source>The gradient of {name} is too large for finite differences at each element: it was checked along random directions and at {sampled} elements drawn at random.</source>
        <translation>El gradiente de {name} es demasiado grande para diferencias finitas en cada elemento: se comprobó en direcciones al azar y en {sampled} elementos tomados al azar.</translation>
    </message>
    <message>
        <source>Checked: the gradient of {name} is not the one that autograd computes by itself: a hook, or code that writes into .grad, has changed it.</source>
        <translation>Comprobado: {name} recibió otro gradiente que el que autograd calcula por sí mismo; lo cambió un hook o código que escribe en .grad.</translation>
    </message>
    <message>
        <source>Checked: {name} is at a kink, where the slopes on the two sides differ; PyTorch took {recorded}.</source>
        <translation>Comprobado: {name} está en un punto anguloso, donde la pendiente por la izquierda no es la de la derecha; PyTorch tomó {recorded}.</translation>
    </message>
    <message>
        <source>Not checked: {count} gradients, the first that of {name}. {reason}</source>
        <translation>Sin comprobar: {count} gradientes, el primero el de {name}. {reason}</translation>
    </message>
    <message>
        <source>Not checked: the gradient of {name}. {reason}</source>
        <translation>Sin comprobar: el gradiente de {name}. {reason}</translation>
    </message>
    <message>
        <source>Checked: the gradient of {name} is what an independent autograd.grad gives, bit for bit, and what finite differences in float64 give.</source>
        <translation>Comprobado: el gradiente de {name} es el que da un autograd.grad independiente, bit a bit, y el que dan las diferencias finitas en float64.</translation>
    </message>
    <message>
        <source>Checked: {count} gradients are what an independent autograd.grad gives, bit for bit, and what finite differences in float64 give.</source>
        <translation>Comprobado: {count} gradientes son los que da un autograd.grad independiente, bit a bit, y los que dan las diferencias finitas en float64.</translation>
    </message>
    <message>
        <source>Checked: the run computed no gradients, so there was nothing to check.</source>
        <translation>Comprobado: la ejecución no calculó gradientes, así que no había nada que comprobar.</translation>
    </message>
    <message>
        <source>{tensor} is not a leaf: {op} on line {line} copied it from a leaf that no longer has a name, and that one gets the gradient. Write device=&apos;{device}&apos; into the call that makes the leaf.</source>
        <translation>{tensor} no es una hoja: {op} en la línea {line} lo copió de una hoja que ya no tiene nombre, y es esa la que recibe el gradiente. Escriba device=&apos;{device}&apos; en la llamada que crea la hoja.</translation>
    </message>
    <message>
        <source>{tensor} is not a leaf: {op} on line {line} converted it from a leaf that no longer has a name, and that one gets the gradient. Write dtype=torch.{dtype} into the call that makes the leaf.</source>
        <translation>{tensor} no es una hoja: {op} en la línea {line} lo convirtió a partir de una hoja que ya no tiene nombre, y es esa la que recibe el gradiente. Escriba dtype=torch.{dtype} en la llamada que crea la hoja.</translation>
    </message>
    <message>
        <source>Tensors saved for backward take at most {peak}, after {op} (line {line}); the largest part is saved in {largest} ({share}).</source>
        <translation>Los tensores guardados para la pasada hacia atrás ocupan {peak} como máximo, después de {op} (línea {line}); la parte más grande se guarda en {largest} ({share}).</translation>
    </message>
    <message>
        <source>{op} (line {line}) takes {tensor} of shape {shape} and {other} of shape {other_shape}: broadcasting compares every element with every other, {pairs} pairs. Give both the same shape, for instance with .squeeze(1) or .unsqueeze(1).</source>
        <translation>{op} (línea {line}) toma {tensor}, de forma {shape}, y {other}, de forma {other_shape}: la difusión (broadcasting) compara todos con todos, {pairs} pares. Dé a ambos la misma forma, por ejemplo con .squeeze(1) o .unsqueeze(1).</translation>
    </message>
    <message>
        <source>The logarithm of 0 is -Inf: keep its input above 0, for instance with .clamp(min=1e-8).</source>
        <translation>El logaritmo de 0 es -Inf: mantenga por encima de 0 lo que toma, por ejemplo con .clamp(min=1e-8).</translation>
    </message>
    <message>
        <source>A softmax can round to 0, whose logarithm is -Inf: log_softmax computes both at once and stays finite.</source>
        <translation>Un softmax puede redondearse a 0, cuyo logaritmo es -Inf: log_softmax calcula ambos a la vez y permanece finito.</translation>
    </message>
    <message>
        <source>For the negative numbers among its inputs the result is NaN.</source>
        <translation>De los números negativos que tomó, el resultado es NaN.</translation>
    </message>
    <message>
        <source>It takes numbers from -1 to 1, and rounding may lead a little beyond: .clamp(-1, 1) its input.</source>
        <translation>Toma números de -1 a 1, y el redondeo puede pasar un poco de ahí: aplique .clamp(-1, 1) a su entrada.</translation>
    </message>
    <message>
        <source>At 1 and -1 its derivative is not finite: keep its input a little inside, for instance with .clamp(-1 + 1e-6, 1 - 1e-6).</source>
        <translation>En 1 y en -1 su derivada no es finita: mantenga su entrada un poco más adentro, por ejemplo con .clamp(-1 + 1e-6, 1 - 1e-6).</translation>
    </message>
    <message>
        <source>A softmax over nothing but -Inf is NaN: the mask leaves a row no place to look at. Leave it one at least, or mask with a large negative number such as -1e4.</source>
        <translation>Un softmax de nada más que -Inf es NaN: la máscara no le deja a una fila ninguna posición a la que mirar. Déjele una al menos, o use como máscara un número negativo grande, como -1e4.</translation>
    </message>
    <message>
        <source>The loss had grown from {first} to {last} by then: the updates are too large. A smaller learning rate helps, or torch.nn.utils.clip_grad_norm_.</source>
        <translation>Para entonces la pérdida había crecido de {first} a {last}: las actualizaciones son demasiado grandes. Ayuda una tasa de aprendizaje menor, o torch.nn.utils.clip_grad_norm_.</translation>
    </message>
    <message>
        <source>It divides by 0: add a small number to the divisor, or .clamp it.</source>
        <translation>Divide por 0: sume un número pequeño al divisor o acótelo con .clamp.</translation>
    </message>
    <message>
        <source>The result is too large for {dtype}, whose largest number is {largest}.</source>
        <translation>El resultado es demasiado grande para {dtype}, cuyo número mayor es {largest}.</translation>
    </message>
    <message>
        <source>A single value has no spread by this formula: give it more values, or correction=0.</source>
        <translation>Un solo valor no tiene dispersión según esta fórmula: dele más valores o correction=0.</translation>
    </message>
    <message>
        <source>It takes the mean over no targets: all of them are left out (ignore_index, or weights of 0).</source>
        <translation>Toma la media de ningún objetivo: todos quedan excluidos (ignore_index o pesos de 0).</translation>
    </message>
    <message>
        <source>At 0 its derivative is not finite: keep its input away from 0, for instance by adding a small number.</source>
        <translation>En 0 su derivada no es finita: mantenga lejos de 0 lo que toma, por ejemplo sumando un número pequeño.</translation>
    </message>
    <message>
        <source>At 0 its derivative is not finite, and 0 × Inf is NaN, so a gradient of 0 does not help: keep the 0 out of its input; a torch.where after it is too late.</source>
        <translation>En 0 su derivada no es finita, y 0 × Inf es NaN, así que un gradiente de 0 no ayuda: evite el 0 en lo que toma; un torch.where posterior llega tarde.</translation>
    </message>
    <message>
        <source>{op} (line {line}) changed nothing: what {backward} (line {backward_line}) left in .grad of {tensors} had been cleared. Call backward between zero_grad() and step().</source>
        <translation>{op} (línea {line}) no cambió nada: lo que {backward} (línea {backward_line}) dejó en .grad de {tensors} se había borrado. Llame a backward entre zero_grad() y step().</translation>
    </message>
    <message>
        <source>{op} (line {line}) changed nothing: {backward} (line {backward_line}) left gradients, but none in .grad of {tensors}, which this optimizer has.</source>
        <translation>{op} (línea {line}) no cambió nada: {backward} (línea {backward_line}) dejó gradientes, pero ninguno en .grad de {tensors}, que son los que tiene este optimizador.</translation>
    </message>
    <message>
        <source>{op} (line {line}) changed nothing: nothing was in .grad of {tensors} yet. Call backward before it.</source>
        <translation>{op} (línea {line}) no cambió nada: aún no había nada en .grad de {tensors}. Llame antes a backward.</translation>
    </message>
    <message>
        <source>The derivative of {op} (line {line}) is 0 everywhere, since its result is constant between jumps: {backward} (line {backward_line}) gives {tensors} only zeros. To let the gradient through as if this op were not there, write x + (f(x) - x).detach() for f(x).</source>
        <translation>La derivada de {op} (línea {line}) es 0 en todas partes, pues su resultado es constante entre saltos: {backward} (línea {backward_line}) da a {tensors} solo ceros. Para que el gradiente pase como si esta operación no estuviera, escriba x + (f(x) - x).detach() en vez de f(x).</translation>
    </message>
    <message>
        <source>All that {op} (line {line}) took lies outside its bounds, where its derivative is 0: {backward} (line {backward_line}) gives {tensors} only zeros.</source>
        <translation>Todo lo que tomó {op} (línea {line}) está fuera de sus límites, donde su derivada es 0: {backward} (línea {backward_line}) da a {tensors} solo ceros.</translation>
    </message>
    <message>
        <source>{op} (line {line}) is saturated: all that it took is so far from 0 that its derivative rounds to 0, and {backward} (line {backward_line}) gives {tensors} only zeros. Smaller weights, or a normalisation before it, help.</source>
        <translation>{op} (línea {line}) está saturada: todo lo que tomó está tan lejos de 0 que su derivada se redondea a 0, y {backward} (línea {backward_line}) da a {tensors} solo ceros. Ayudan pesos más pequeños o una normalización antes.</translation>
    </message>
    <message>
        <source>{op} (line {line}) has a single class to choose from, so that its result is the same whatever it takes: {backward} (line {backward_line}) gives {tensors} only zeros. Give it a column for each class, or use a sigmoid with binary_cross_entropy_with_logits.</source>
        <translation>{op} (línea {line}) tiene una sola clase donde elegir, de modo que su resultado es el mismo tome lo que tome: {backward} (línea {backward_line}) da a {tensors} solo ceros. Dele una columna por clase, o use una sigmoide con binary_cross_entropy_with_logits.</translation>
    </message>
    <message>
        <source>The gradient that {op} (line {line}) sends back is so small that it rounds to 0 in {dtype}: {backward} (line {backward_line}) gives {tensors} only zeros. Scale the loss, as torch.amp.GradScaler does, or use bfloat16.</source>
        <translation>El gradiente que {op} (línea {line}) envía hacia atrás es tan pequeño que en {dtype} se redondea a 0: {backward} (línea {backward_line}) le da solo ceros a {tensors}. Escale la pérdida, como hace torch.amp.GradScaler, o use bfloat16.</translation>
    </message>
    <message>
        <source>{loss} (line {line}) computes a softmax itself, and {op} (line {op_line}) has already computed one: the gradients become small and the loss never comes near 0. Give it the result before the softmax.</source>
        <translation>{loss} (línea {line}) ya calcula una softmax, y {op} (línea {op_line}) ha calculado otra antes: los gradientes se hacen pequeños y la pérdida nunca se acerca a 0. Dele el resultado anterior a la softmax.</translation>
    </message>
    <message>
        <source>{loss} (line {line}) computes a log_softmax itself, so that {op} (line {op_line}) changes nothing: leave it out, or use nll_loss.</source>
        <translation>{loss} (línea {line}) ya calcula una log_softmax, así que {op} (línea {op_line}) no cambia nada: omítala, o use nll_loss.</translation>
    </message>
    <message>
        <source>{loss} (line {line}) computes a sigmoid itself, and {op} (line {op_line}) has already computed one: the gradients become small and the loss never comes near 0. Give it the result before the sigmoid, or use binary_cross_entropy.</source>
        <translation>{loss} (línea {line}) ya calcula una sigmoide, y {op} (línea {op_line}) ha calculado otra antes: los gradientes se hacen pequeños y la pérdida nunca se acerca a 0. Dele el resultado anterior a la sigmoide, o use binary_cross_entropy.</translation>
    </message>
    <message>
        <source>{loss} (line {line}) takes logarithms of probabilities, which are at most 0, but {tensor} goes up to {largest}: give it what log_softmax returns.</source>
        <translation>{loss} (línea {line}) toma logaritmos de probabilidades, que son como mucho 0, pero {tensor} llega hasta {largest}: dele lo que devuelve log_softmax.</translation>
    </message>
    <message>
        <source>{op} (line {op_line}) makes each column add up to 1, over all examples, and {loss} (line {line}) takes each row for one example&apos;s probabilities: write dim=1.</source>
        <translation>{op} (línea {op_line}) hace que cada columna sume 1, entre todos los ejemplos, y {loss} (línea {line}) toma cada fila por las probabilidades de un ejemplo: escriba dim=1.</translation>
    </message>
    <message>
        <source>{op} (line {line}) keeps {count} graphs alive that {backward} (line {backward_line}) has been through, one of each round: {tensor} requires grad. Take {tensor}.item() or {tensor}.detach() to add up or to keep.</source>
        <translation>{op} (línea {line}) mantiene en memoria {count} grafos que {backward} (línea {backward_line}) ya recorrió, uno por vuelta: {tensor} tiene requires_grad. Para sumar o guardar, tome {tensor}.item() o {tensor}.detach().</translation>
    </message>
    <message>
        <source>{op} (line {line}) keeps {count} graphs alive that {backward} (line {backward_line}) has been through, one of each round: {tensor} requires grad. Take {tensor}.detach() to keep.</source>
        <translation>{op} (línea {line}) mantiene en memoria {count} grafos que {backward} (línea {backward_line}) ya recorrió, uno por vuelta: {tensor} tiene requires_grad. Para guardarlo, tome {tensor}.detach().</translation>
    </message>
    <message>
        <source>{op} (line {line}) keeps {count} graphs alive that no backward goes through, with all that they saved for it. Compute what is only to be read under torch.no_grad(), or add {tensor}.item().</source>
        <translation>{op} (línea {line}) mantiene en memoria {count} grafos que ningún backward recorre, con todo lo que guardaron para él. Calcule bajo torch.no_grad() lo que solo se va a leer, o sume {tensor}.item().</translation>
    </message>
    <message>
        <source>{tensors}: {backward} (line {backward_line}) computes gradients that no optimizer uses: {op} (line {line}) was not given these parameters. Modules in a plain list or dictionary are not in model.parameters(): put them into an nn.ModuleList or nn.ModuleDict. What is not to be trained needs no gradient: requires_grad_(False).</source>
        <translation>{tensors}: {backward} (línea {backward_line}) calcula gradientes que ningún optimizador usa: {op} (línea {line}) no recibió estos parámetros. Los módulos de una lista o un diccionario corrientes no están en model.parameters(): póngalos en un nn.ModuleList o nn.ModuleDict. Lo que no se entrena no necesita gradiente: requires_grad_(False).</translation>
    </message>
    <message>
        <source>{call} (line {call_line}) computed a checkpoint again, for {op} (line {line}), with new random numbers: preserve_rng_state=False keeps none. The gradients that went through it are not those of the loss.</source>
        <translation>{call} (línea {call_line}) volvió a calcular un checkpoint, para {op} (línea {line}), con números aleatorios nuevos: preserve_rng_state=False no guarda ninguno. Los gradientes que pasaron por él no son los de la pérdida.</translation>
    </message>
    <message>
        <source>Leave preserve_rng_state=True where there is dropout or other chance in a checkpoint.</source>
        <translation>Deje preserve_rng_state=True donde haya dropout u otro azar en un checkpoint.</translation>
    </message>
    <message>
        <source>{op} (line {line}) adds {tensor}, which has no gradient: it was computed from what {gradient} (line {gradient_line}) returned without create_graph=True. Give it to that call, or nothing learns from this term.</source>
        <translation>{op} (línea {line}) suma {tensor}, que no tiene gradiente: se calculó con lo que {gradient} (línea {gradient_line}) devolvió sin create_graph=True. Páselo a esa llamada, o nada aprende de este término.</translation>
    </message>
</context>
<context>
    <name>FindingsPanel</name>
    <message>
        <source>Findings</source>
        <translation>Hallazgos</translation>
    </message>
    <message>
        <source>What looks wrong in this run</source>
        <translation>Lo que parece incorrecto en esta ejecución</translation>
    </message>
    <message>
        <source>Findings</source>
        <comment>tab</comment>
        <translation>Lista</translation>
    </message>
    <message>
        <source>.grad is None</source>
        <translation>.grad None</translation>
    </message>
    <message>
        <source>Why each named tensor without .grad has none</source>
        <translation>Por qué cada tensor con nombre y sin .grad no lo tiene</translation>
    </message>
    <message>
        <source>The size of gradients, layer by layer</source>
        <translation>El tamaño de los gradientes, capa por capa</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>Profundidad</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Memoria</translation>
    </message>
    <message>
        <source>What is saved for backward</source>
        <translation>Lo que se guarda para backward</translation>
    </message>
    <message>
        <source>Pages of the findings</source>
        <translation>Páginas de los hallazgos</translation>
    </message>
    <message>
        <source>While you predict, nothing is shown here that could give the gradients away.</source>
        <translation>Mientras predice, aquí no se dice nada que pueda delatar los gradientes.</translation>
    </message>
    <message>
        <source>Run the code: what looks wrong in it is listed here.</source>
        <translation>Ejecute el código: aquí aparece lo que parezca incorrecto.</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Buscando…</translation>
    </message>
    <message>
        <source>The run could not be analysed: {}</source>
        <translation>No se pudo examinar la ejecución: {}</translation>
    </message>
    <message>
        <source>Nothing suspicious found in what ran before it ended.</source>
        <translation>No se encontró nada sospechoso en lo que se ejecutó antes de que terminara.</translation>
    </message>
    <message>
        <source>Nothing suspicious found in this run.</source>
        <translation>En esta ejecución no se encontró nada sospechoso.</translation>
    </message>
</context>
<context>
    <name>FormulaView</name>
    <message>
        <source>Copy as text</source>
        <translation>Copiar como texto</translation>
    </message>
    <message>
        <source>Copy as LaTeX</source>
        <translation>Copiar como LaTeX</translation>
    </message>
</context>
<context>
    <name>GraphExport</name>
    <message>
        <source>The report contains the gradients: finish predicting before you save it.</source>
        <translation>El informe dice los gradientes: deje de predecirlos para guardarlo.</translation>
    </message>
    <message>
        <source>Saving {name}…</source>
        <translation>Guardando {name}…</translation>
    </message>
    <message>
        <source>The steps tell the gradients: finish predicting before you save them.</source>
        <translation>Los pasos revelan los gradientes: termine de predecir antes de guardarlos.</translation>
    </message>
    <message>
        <source>There are no steps to save: run code that calls .backward().</source>
        <translation>No hay pasos que guardar: ejecute código que llame a .backward().</translation>
    </message>
    <message numerus="yes">
        <source>That would be %Ln pages: choose This pass, or make the code do less.</source>
        <translation>
            <numerusform>Sería %Ln página: elija Esta pasada, o haga que el código haga menos.</numerusform>
            <numerusform>Serían %Ln páginas: elija Esta pasada, o haga que el código haga menos.</numerusform>
        </translation>
    </message>
    <message>
        <source>The picture is on the clipboard</source>
        <translation>La imagen está en el portapapeles</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>Se guardó {name}</translation>
    </message>
</context>
<context>
    <name>Heading</name>
    <message>
        <source>{name}[*] – gradviz</source>
        <translation>{name}[*] – gradviz</translation>
    </message>
    <message>
        <source>{name}[*] (recording of rank {rank}) – gradviz</source>
        <translation>{name}[*] (grabación del rango {rank}) – gradviz</translation>
    </message>
    <message>
        <source>{name}[*] (recording) – gradviz</source>
        <translation>{name}[*] (grabación) – gradviz</translation>
    </message>
    <message>
        <source>This is a recording: nothing was run. Run executes its code in a new run.</source>
        <translation>Esto es una grabación: no se ejecutó nada. Ejecutar hace una nueva ejecución de su código.</translation>
    </message>
    <message>
        <source>This file came from elsewhere. It was not run; Run will ask first.</source>
        <translation>Este archivo viene de otro lugar. No se ha ejecutado; Ejecutar preguntará antes.</translation>
    </message>
</context>
<context>
    <name>HeatMap</name>
    <message>
        <source>Heat map of {rows} × {columns} cells, from {low} to {high}.</source>
        <translation>Mapa de calor de {rows} × {columns} celdas, de {low} a {high}.</translation>
    </message>
    <message>
        <source>{nan} NaN, {inf} Inf.</source>
        <translation>{nan} NaN, {inf} Inf.</translation>
    </message>
</context>
<context>
    <name>HintCard</name>
    <message>
        <source>Hint</source>
        <translation>Indicación</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} de {}</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Listo</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Siguiente</translation>
    </message>
    <message>
        <source>No more hints</source>
        <translation>No mostrar más</translation>
    </message>
    <message>
        <source>Help → Hints shows them again</source>
        <translation>Ayuda → Indicaciones las vuelve a mostrar</translation>
    </message>
</context>
<context>
    <name>Hints</name>
    <message>
        <source>This is ordinary PyTorch code. Change it and press Ctrl+Enter: it runs, and its graph is drawn.</source>
        <translation>Esto es código corriente de PyTorch. Cámbielo y pulse Ctrl+Intro: se ejecuta y se dibuja su grafo.</translation>
    </message>
    <message>
        <source>Step through the backward pass: F10 steps over one op, Shift+F10 steps back. The gradients appear on the edges.</source>
        <translation>Recorra la pasada hacia atrás: F10 avanza una operación, Mayús+F10 retrocede. Los gradientes aparecen en las aristas.</translation>
    </message>
    <message>
        <source>Click a card, such as x, to inspect it. Ctrl+wheel zooms, and F shows everything.</source>
        <translation>Haga clic en una tarjeta, como x, para preguntar por ella. Ctrl+rueda amplía y F lo muestra todo.</translation>
    </message>
    <message>
        <source>Here is the chain rule for this step and for what you clicked, in your own names. Examples has more to try; Ctrl+Shift+P finds every command.</source>
        <translation>Aquí está la regla de la cadena de este paso y de lo que eligió, con sus propios nombres. Hay más en Ejemplos; Ctrl+Mayús+P encuentra cualquier orden.</translation>
    </message>
</context>
<context>
    <name>HistogramPlot</name>
    <message>
        <source>Histogram from {low} to {high}.</source>
        <translation>Histograma de {low} a {high}.</translation>
    </message>
</context>
<context>
    <name>ImageActions</name>
    <message>
        <source>The picture is on the clipboard</source>
        <translation>La imagen está en el portapapeles</translation>
    </message>
    <message>
        <source>Saved {name}</source>
        <translation>Se guardó {name}</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>Inspector</source>
        <translation>Inspector</translation>
    </message>
    <message>
        <source>This run made no tensors.</source>
        <translation>Esta ejecución no creó tensores.</translation>
    </message>
    <message>
        <source>Run the code to see what it computes.</source>
        <translation>Ejecute el código para ver lo que calcula.</translation>
    </message>
    <message>
        <source>leaf</source>
        <translation>hoja</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>parámetro</translation>
    </message>
    <message>
        <source>intermediate</source>
        <translation>intermedio</translation>
    </message>
    <message>
        <source>root</source>
        <translation>raíz</translation>
    </message>
    <message>
        <source>constant</source>
        <translation>constante</translation>
    </message>
    <message>
        <source>call</source>
        <translation>llamada</translation>
    </message>
    <message>
        <source>source</source>
        <translation>origen</translation>
    </message>
    <message>
        <source>in-place</source>
        <translation>in situ</translation>
    </message>
    <message>
        <source>transfer</source>
        <translation>transferencia</translation>
    </message>
    <message>
        <source>exit</source>
        <translation>salida</translation>
    </message>
    <message>
        <source>optimizer step</source>
        <translation>paso del optimizador</translation>
    </message>
    <message>
        <source>line {}</source>
        <translation>línea {}</translation>
    </message>
    <message>
        <source>{} received {} and sent {}.</source>
        <translation>{} recibió {} y envió {}.</translation>
    </message>
    <message>
        <source>{} added {} to {}.grad, which is now {}.</source>
        <translation>{} sumó {} a {}.grad, que ahora es {}.</translation>
    </message>
    <message>
        <source>{} added {} to {}.grad, which was {} and is now {}.</source>
        <translation>{} sumó {} a {}.grad, que era {} y ahora es {}.</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nada</translation>
    </message>
    <message>
        <source>{} towards {} (part {} of {})</source>
        <translation>{} para {} (parte {} de {})</translation>
    </message>
    <message>
        <source>… and {} more terms.</source>
        <translation>… y {} términos más.</translation>
    </message>
    <message>
        <source>So far {} of {} terms have arrived: {}.</source>
        <translation>Hasta ahora han llegado {} de {} términos: {}.</translation>
    </message>
    <message>
        <source>A hook then changed {} to {}.</source>
        <translation>Después, un hook cambió {} a {}.</translation>
    </message>
    <message>
        <source>PyTorch&apos;s own formula of {}: {}</source>
        <translation>Fórmula propia de PyTorch de {}: {}</translation>
    </message>
    <message>
        <source>Here {}.</source>
        <translation>Aquí {}.</translation>
    </message>
    <message>
        <source>minimum of |z|</source>
        <translation>mínimo de |z|</translation>
    </message>
    <message>
        <source>maximum of |z|</source>
        <translation>máximo de |z|</translation>
    </message>
    <message>
        <source>mean of |z|</source>
        <translation>media de |z|</translation>
    </message>
    <message>
        <source>std of |z|</source>
        <translation>desv. est. de |z|</translation>
    </message>
    <message>
        <source>minimum</source>
        <translation>mínimo</translation>
    </message>
    <message>
        <source>maximum</source>
        <translation>máximo</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>media</translation>
    </message>
    <message>
        <source>std</source>
        <translation>desv. est.</translation>
    </message>
    <message>
        <source>norm</source>
        <translation>norma</translation>
    </message>
    <message>
        <source>zeros</source>
        <translation>ceros</translation>
    </message>
</context>
<context>
    <name>Languages</name>
    <message>
        <source>en</source>
        <translation>es</translation>
    </message>
</context>
<context>
    <name>LegendView</name>
    <message>
        <source>Remove these colours</source>
        <translation>Sin estos colores</translation>
    </message>
    <message>
        <source>Legend: {}</source>
        <translation>Leyenda: {}</translation>
    </message>
    <message>
        <source>{} (logarithmic)</source>
        <translation>{} (logarítmica)</translation>
    </message>
    <message>
        <source>Highlight these cards</source>
        <translation>Resaltar estas tarjetas</translation>
    </message>
    <message numerus="yes">
        <source>%Ln cards: {}</source>
        <translation>
            <numerusform>%Ln tarjeta: {}</numerusform>
            <numerusform>%Ln tarjetas: {}</numerusform>
        </translation>
    </message>
    <message>
        <source>Dtype</source>
        <translation>Tipo de datos</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Dispositivo</translation>
    </message>
    <message>
        <source>Time in this run</source>
        <translation>Tiempo en esta ejecución</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>Norma del gradiente</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>What differs</source>
        <translation>Lo que difiere</translation>
    </message>
    <message>
        <source>several</source>
        <translation>varios</translation>
    </message>
    <message>
        <source>zero</source>
        <translation>cero</translation>
    </message>
    <message>
        <source>NaN or Inf</source>
        <translation>NaN o Inf</translation>
    </message>
    <message>
        <source>value</source>
        <translation>valor</translation>
    </message>
    <message>
        <source>gradient</source>
        <translation>gradiente</translation>
    </message>
    <message>
        <source>value and gradient</source>
        <translation>valor y gradiente</translation>
    </message>
    <message>
        <source>No what-if run is shown.</source>
        <translation>No se muestra ninguna ejecución «y si».</translation>
    </message>
    <message>
        <source>Nothing differs.</source>
        <translation>Nada difiere.</translation>
    </message>
    <message>
        <source>No times were recorded.</source>
        <translation>No se registraron tiempos.</translation>
    </message>
    <message>
        <source>No gradient was computed.</source>
        <translation>No se calculó ningún gradiente.</translation>
    </message>
    <message>
        <source>Folded cards: the sum</source>
        <translation>Tarjetas plegadas: la suma</translation>
    </message>
    <message>
        <source>Folded cards: the largest</source>
        <translation>Tarjetas plegadas: el mayor</translation>
    </message>
</context>
<context>
    <name>Links</name>
    <message>
        <source>and {} more</source>
        <translation>y {} más</translation>
    </message>
</context>
<context>
    <name>LivePlot</name>
    <message>
        <source>Utilisation and memory in the last minute</source>
        <translation>Utilización y memoria en el último minuto</translation>
    </message>
</context>
<context>
    <name>MachineView</name>
    <message>
        <source>Devices of this machine</source>
        <translation>Dispositivos de este equipo</translation>
    </message>
    <message>
        <source>Run on</source>
        <translation>Ejecutar en</translation>
    </message>
    <message>
        <source>Device of the run</source>
        <translation>Dispositivo de la ejecución</translation>
    </message>
    <message>
        <source>Where the next run creates tensors by default</source>
        <translation>Dónde crea tensores por omisión la próxima ejecución</translation>
    </message>
    <message>
        <source>{used} in use</source>
        <translation>{used} en uso</translation>
    </message>
    <message>
        <source>{percent} % busy, {used} in use by all programs</source>
        <translation>{percent} % de uso, {used} ocupados por todos los programas</translation>
    </message>
    <message>
        <source>Waiting for the engine to list the devices…</source>
        <translation>Esperando a que el motor enumere los dispositivos…</translation>
    </message>
    <message numerus="yes">
        <source>PyTorch {torch} ({build}), %Ln threads</source>
        <translation>
            <numerusform>PyTorch {torch} ({build}), %Ln hilo</numerusform>
            <numerusform>PyTorch {torch} ({build}), %Ln hilos</numerusform>
        </translation>
    </message>
    <message>
        <source>{about}, driver {driver}</source>
        <translation>{about}, controlador {driver}</translation>
    </message>
    <message>
        <source>Used memory of {}</source>
        <translation>Memoria usada de {}</translation>
    </message>
    <message>
        <source>{} of memory</source>
        <translation>{} de memoria</translation>
    </message>
    <message>
        <source>{free} free of {total}</source>
        <translation>{free} libres de {total}</translation>
    </message>
    <message>
        <source>No {}</source>
        <translation>Sin {}</translation>
    </message>
    <message>
        <source>{} (not on this machine)</source>
        <translation>{} (no en este equipo)</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>There is nothing to predict: run code that calls .backward().</source>
        <translation>No hay nada que predecir: ejecute código que llame a .backward().</translation>
    </message>
</context>
<context>
    <name>Margin</name>
    <message>
        <source>The line that printed this; click to go there</source>
        <translation>La línea que mostró esto; pulse para ir a ella</translation>
    </message>
</context>
<context>
    <name>MemoryPlot</name>
    <message>
        <source>Memory over the run</source>
        <translation>Memoria durante la ejecución</translation>
    </message>
    <message>
        <source>backward passes</source>
        <translation>pasadas hacia atrás</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>hacia atrás</translation>
    </message>
    <message>
        <source>saved for backward</source>
        <translation>guardado para backward</translation>
    </message>
    <message>
        <source>.grad of leaves</source>
        <translation>.grad de las hojas</translation>
    </message>
    <message>
        <source>gradients in flight</source>
        <translation>gradientes en camino</translation>
    </message>
    <message>
        <source>line {}</source>
        <translation>línea {}</translation>
    </message>
    <message>
        <source>saved for backward {}</source>
        <translation>guardado para backward {}</translation>
    </message>
    <message>
        <source>.grad of leaves {}</source>
        <translation>.grad de las hojas {}</translation>
    </message>
    <message>
        <source>gradients in flight {}</source>
        <translation>gradientes en camino {}</translation>
    </message>
    <message>
        <source>At most {held} held for backward, after {op}.</source>
        <translation>Como máximo {held} retenidos para backward, después de {op}.</translation>
    </message>
    <message>
        <source>At most {held} held for backward, during {node}.</source>
        <translation>Como máximo {held} retenidos para backward, durante {node}.</translation>
    </message>
</context>
<context>
    <name>MemoryView</name>
    <message>
        <source>By operation</source>
        <translation>Por operación</translation>
    </message>
    <message>
        <source>By module</source>
        <translation>Por módulo</translation>
    </message>
    <message>
        <source>Memory saved for backward</source>
        <translation>Memoria guardada para backward</translation>
    </message>
    <message>
        <source>No operation saved a tensor for backward.</source>
        <translation>Ninguna operación guardó un tensor para backward.</translation>
    </message>
    <message>
        <source>Operation</source>
        <translation>Operación</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>Línea</translation>
    </message>
    <message>
        <source>Module</source>
        <translation>Módulo</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Guardado</translation>
    </message>
    <message>
        <source>At the peak</source>
        <translation>En el máximo</translation>
    </message>
    <message>
        <source>outside modules</source>
        <translation>fuera de módulos</translation>
    </message>
    <message>
        <source>Held for backward at the peak: {peak}, after {op} (line {line}).</source>
        <translation>Máximo retenido para backward: {peak}, después de {op} (línea {line}).</translation>
    </message>
    <message>
        <source>Parameters are not counted, shared memory once.</source>
        <translation>Los parámetros no se cuentan; la memoria compartida, una vez.</translation>
    </message>
    <message>
        <source>The largest {shown} of {all} operations are listed.</source>
        <translation>Se listan las {shown} mayores de {all} operaciones.</translation>
    </message>
</context>
<context>
    <name>Minimap</name>
    <message>
        <source>Overview of the graph</source>
        <translation>Vista general del grafo</translation>
    </message>
    <message>
        <source>The whole graph; click or drag to look elsewhere</source>
        <translation>El grafo entero; haga clic o arrastre para mirar otra parte</translation>
    </message>
</context>
<context>
    <name>MissingView</name>
    <message>
        <source>Why .grad is None</source>
        <translation>Por qué .grad es None</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Buscando…</translation>
    </message>
    <message>
        <source>The run could not be analysed: {}</source>
        <translation>No se pudo examinar la ejecución: {}</translation>
    </message>
    <message>
        <source>No named tensor lacks a .grad.</source>
        <translation>A ningún tensor con nombre le falta .grad.</translation>
    </message>
</context>
<context>
    <name>OpPage</name>
    <message>
        <source>Operation</source>
        <translation>Operación</translation>
    </message>
    <message>
        <source>name</source>
        <translation>nombre</translation>
    </message>
    <message>
        <source>line</source>
        <translation>línea</translation>
    </message>
    <message>
        <source>module</source>
        <translation>módulo</translation>
    </message>
    <message>
        <source>kind</source>
        <translation>clase</translation>
    </message>
    <message>
        <source>time</source>
        <translation>tiempo</translation>
    </message>
    <message>
        <source>{} ms</source>
        <translation>{} ms</translation>
    </message>
    <message>
        <source>grad</source>
        <translation>grad</translation>
    </message>
    <message>
        <source>switched off</source>
        <translation>desactivado</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>Entradas</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>Salidas</translation>
    </message>
    <message>
        <source>Autograd nodes</source>
        <translation>Nodos de autograd</translation>
    </message>
    <message>
        <source>between</source>
        <translation>entre</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>memoria</translation>
    </message>
    <message>
        <source>rate</source>
        <translation>tasa</translation>
    </message>
    <message>
        <source>Autograd node</source>
        <translation>Nodo de autograd</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} de {}</translation>
    </message>
    <message>
        <source>step</source>
        <translation>paso</translation>
    </message>
    <message>
        <source>saves</source>
        <translation>guarda</translation>
    </message>
    <message>
        <source>Leaf</source>
        <translation>Hoja</translation>
    </message>
    <message>
        <source>Receives from</source>
        <translation>Recibe de</translation>
    </message>
    <message>
        <source>Sends to</source>
        <translation>Envía a</translation>
    </message>
    <message>
        <source>A number without a formula was measured: gradient out divided by gradient in.</source>
        <translation>Un número sin fórmula se midió: gradiente de salida entre gradiente de entrada.</translation>
    </message>
    <message>
        <source>unnamed</source>
        <translation>sin nombre</translation>
    </message>
</context>
<context>
    <name>OpPlot</name>
    <message>
        <source>Times of single ops</source>
        <translation>Tiempos de cada operación</translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more: {}</source>
        <translation>
            <numerusform>y %Ln más: {}</numerusform>
            <numerusform>y %Ln más: {}</numerusform>
        </translation>
    </message>
    <message>
        <source>forward</source>
        <translation>hacia adelante</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>hacia atrás</translation>
    </message>
</context>
<context>
    <name>OutputPane</name>
    <message>
        <source>While you predict, the output is hidden: it could give the gradients away.</source>
        <translation>Mientras predice, la salida está oculta: puede revelar los gradientes.</translation>
    </message>
</context>
<context>
    <name>OutputText</name>
    <message>
        <source>Output</source>
        <translation>Salida</translation>
    </message>
    <message>
        <source>Double-click opens it large</source>
        <translation>Doble clic la abre en grande</translation>
    </message>
    <message>
        <source>What the code prints and displays appears here.</source>
        <translation>Aquí aparece lo que el código imprime y muestra.</translation>
    </message>
    <message numerus="yes">
        <source>… %Ln more characters</source>
        <translation>
            <numerusform>… %Ln carácter más</numerusform>
            <numerusform>… %Ln caracteres más</numerusform>
        </translation>
    </message>
    <message>
        <source>Open it large</source>
        <translation>Abrir en grande</translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation>Copiar la imagen</translation>
    </message>
    <message>
        <source>Save picture as…</source>
        <translation>Guardar la imagen como…</translation>
    </message>
</context>
<context>
    <name>OutsideWatch</name>
    <message>
        <source>{name} was moved or deleted. Saving writes it again.</source>
        <translation>{name} se movió o se borró. Guardar lo escribe de nuevo.</translation>
    </message>
    <message>
        <source>Another program has changed {name}.</source>
        <translation>Otro programa modificó {name}.</translation>
    </message>
    <message>
        <source>Reload</source>
        <translation>Volver a cargar</translation>
    </message>
</context>
<context>
    <name>PredictBar</name>
    <message>
        <source>Predict</source>
        <translation>Predecir</translation>
    </message>
    <message>
        <source>Show me</source>
        <translation>Mostrar</translation>
    </message>
    <message>
        <source>Show the answer with its formula</source>
        <translation>Mostrar la respuesta con su fórmula</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>Otra vez</translation>
    </message>
    <message>
        <source>End (Esc)</source>
        <translation>Terminar (Esc)</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Terminar</translation>
    </message>
    <message>
        <source>Your answer</source>
        <translation>Su respuesta</translation>
    </message>
    <message>
        <source>A number, a fraction such as 1/2, a list such as [1, 2], or names: z * 1</source>
        <translation>Un número, una fracción como 1/2, una lista como [1, 2] o nombres: z * 1</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Seguir</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Comprobar</translation>
    </message>
    <message>
        <source>{right} of {asked} right first time</source>
        <translation>{right} de {asked} a la primera</translation>
    </message>
    <message>
        <source>Right.</source>
        <translation>Correcto.</translation>
    </message>
    <message>
        <source>This is the answer:</source>
        <translation>Esta es la respuesta:</translation>
    </message>
    <message>
        <source>Not yet. Try again, or have it shown.</source>
        <translation>Todavía no. Inténtelo otra vez o pida que se muestre.</translation>
    </message>
    <message>
        <source>There is no step left with gradients to predict.</source>
        <translation>No queda ningún paso por cuyos gradientes se pueda preguntar.</translation>
    </message>
    <message>
        <source>{asked} questions: {right} right first time, {wrong} later, {shown} shown.</source>
        <translation>Preguntas: {asked}. Correctas a la primera: {right}; después: {wrong}; mostradas: {shown}.</translation>
    </message>
    <message>
        <source>Worth another look: {}.</source>
        <translation>Conviene repasar: {}.</translation>
    </message>
    <message>
        <source>after this step has added to it</source>
        <translation>después de que este paso le sume</translation>
    </message>
    <message>
        <source>the part {part} of {parts} that this step contributes</source>
        <translation>la parte {part} de {parts} que aporta este paso</translation>
    </message>
    <message>
        <source>shape {}</source>
        <translation>forma {}</translation>
    </message>
</context>
<context>
    <name>ProgressNotice</name>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Leave the graph as it is drawn (Esc)</source>
        <translation>Dejar el grafo como está dibujado (Esc)</translation>
    </message>
</context>
<context>
    <name>QFileDialog</name>
    <message>
        <source>Look in:</source>
        <translation>Buscar en:</translation>
    </message>
    <message>
        <source>Files of type:</source>
        <translation>Archivos de tipo:</translation>
    </message>
    <message>
        <source>&amp;Look in:</source>
        <translation>&amp;Buscar en:</translation>
    </message>
    <message>
        <source>Files of &amp;type:</source>
        <translation>Archivos de &amp;tipo:</translation>
    </message>
</context>
<context>
    <name>QShortcut</name>
    <message>
        <source>Ctrl</source>
        <translation>Ctrl</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Mayús</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>Intro</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Intro (núm.)</translation>
    </message>
</context>
<context>
    <name>Recovery</name>
    <message>
        <source>gradviz ended before {name} was saved: this is its text from {moment}.</source>
        <translation>gradviz se cerró antes de que se guardara {name}: este es su texto del {moment}.</translation>
    </message>
    <message>
        <source>Discard it</source>
        <translation>Descartarlo</translation>
    </message>
</context>
<context>
    <name>ResultModel</name>
    <message>
        <source>Tensors ({})</source>
        <translation>Tensores ({})</translation>
    </message>
    <message>
        <source>Ops ({})</source>
        <translation>Operaciones ({})</translation>
    </message>
    <message>
        <source>Autograd nodes ({})</source>
        <translation>Nodos de autograd ({})</translation>
    </message>
    <message>
        <source>Modules and loops ({})</source>
        <translation>Módulos y bucles ({})</translation>
    </message>
    <message>
        <source>not drawn</source>
        <translation>sin dibujar</translation>
    </message>
    <message>
        <source>folded up in {}</source>
        <translation>plegado en {}</translation>
    </message>
    <message>
        <source>line {}</source>
        <translation>línea {}</translation>
    </message>
</context>
<context>
    <name>ResultsView</name>
    <message>
        <source>Times side by side</source>
        <translation>Tiempos lado a lado</translation>
    </message>
    <message>
        <source>Ops, the longest first</source>
        <translation>Operaciones, las más largas primero</translation>
    </message>
    <message>
        <source>Times over sizes</source>
        <translation>Tiempos según el tamaño</translation>
    </message>
    <message>
        <source>Roofline</source>
        <translation>Roofline (techo)</translation>
    </message>
    <message>
        <source>Memory of the run</source>
        <translation>Memoria de la ejecución</translation>
    </message>
    <message>
        <source>What is plotted</source>
        <translation>Qué se representa</translation>
    </message>
    <message>
        <source>Part that is plotted</source>
        <translation>Parte que se representa</translation>
    </message>
    <message>
        <source>Show it large, in its own window</source>
        <translation>Mostrarlo en grande, en su propia ventana</translation>
    </message>
    <message>
        <source>Show it large</source>
        <translation>Mostrar en grande</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation>Copiar imagen</translation>
    </message>
    <message>
        <source>Copy as table</source>
        <translation>Copiar como tabla</translation>
    </message>
    <message>
        <source>Copy as CSV</source>
        <translation>Copiar como CSV</translation>
    </message>
    <message>
        <source>Copy as JSON</source>
        <translation>Copiar como JSON</translation>
    </message>
    <message>
        <source>The plot cannot be drawn: {}</source>
        <translation>No se puede dibujar el gráfico: {}</translation>
    </message>
    <message>
        <source>Nothing has been timed yet.</source>
        <translation>Todavía no se ha medido nada.</translation>
    </message>
    <message>
        <source>Tick “Each op” and time it to see this.</source>
        <translation>Marque «Cada operación» y mida para ver esto.</translation>
    </message>
    <message>
        <source>Choose sizes and time it to see this.</source>
        <translation>Elija tamaños y mida para ver esto.</translation>
    </message>
    <message>
        <source>Time something that computes to see this.</source>
        <translation>Mida algo que calcule para ver esto.</translation>
    </message>
    <message>
        <source>Run a text whose backward saves something.</source>
        <translation>Ejecute un texto cuyo backward guarde algo.</translation>
    </message>
    <message>
        <source>Tick “Ceilings of the machine” to draw what it reaches at best.</source>
        <translation>Marque «Techos del equipo» para dibujar lo que alcanza como máximo.</translation>
    </message>
    <message>
        <source>Compared with {}.</source>
        <translation>Comparado con {}.</translation>
    </message>
</context>
<context>
    <name>ResultsWindow</name>
    <message>
        <source>Measured times</source>
        <translation>Tiempos medidos</translation>
    </message>
</context>
<context>
    <name>RooflinePlot</name>
    <message>
        <source>Roofline</source>
        <translation>Roofline (techo)</translation>
    </message>
    <message>
        <source>FLOP per byte moved</source>
        <translation>FLOP por byte movido</translation>
    </message>
    <message>
        <source>copy {}</source>
        <translation>copia {}</translation>
    </message>
    <message>
        <source>{} % of what the device reaches at this FLOP per byte</source>
        <translation>{} % de lo que alcanza el dispositivo con estos FLOP por byte</translation>
    </message>
</context>
<context>
    <name>RunActions</name>
    <message>
        <source>Run the code and draw its graph</source>
        <translation>Ejecutar el código y dibujar su grafo</translation>
    </message>
    <message>
        <source>Force restart</source>
        <translation>Forzar reinicio</translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation>&amp;Detener</translation>
    </message>
    <message>
        <source>End the engine&apos;s process and start a new one</source>
        <translation>Terminar el proceso del motor e iniciar otro</translation>
    </message>
    <message>
        <source>Stop the running code</source>
        <translation>Detener el código en ejecución</translation>
    </message>
</context>
<context>
    <name>RunControl</name>
    <message>
        <source>Stopped</source>
        <translation>Detenido</translation>
    </message>
    <message>
        <source>The engine is starting: torch is being imported</source>
        <translation>El motor se está iniciando: se está importando torch</translation>
    </message>
    <message>
        <source>The engine is busy; stop it first</source>
        <translation>El motor está ocupado; deténgalo antes</translation>
    </message>
    <message>
        <source>Line {line} waits: the run goes on when the window that it opened is closed</source>
        <translation>La línea {line} espera: la ejecución sigue cuando se cierre la ventana que abrió</translation>
    </message>
    <message>
        <source>The engine is stopping</source>
        <translation>El motor se está deteniendo</translation>
    </message>
    <message>
        <source>The code will run as soon as the engine is ready</source>
        <translation>El código se ejecutará en cuanto el motor esté listo</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Deteniendo…</translation>
    </message>
    <message>
        <source>A recording: nothing was run</source>
        <translation>Una grabación: no se ejecutó nada</translation>
    </message>
    <message>
        <source>The code is not responding; the engine can be restarted</source>
        <translation>El código no responde; se puede reiniciar el motor</translation>
    </message>
    <message>
        <source>Ran in {time}</source>
        <translation>Ejecutado en {time}</translation>
    </message>
    <message>
        <source>Stopped on line {line}</source>
        <translation>Detenido en la línea {line}</translation>
    </message>
    <message>
        <source>{error} on line {line}</source>
        <translation>{error} en la línea {line}</translation>
    </message>
</context>
<context>
    <name>SearchBar</name>
    <message>
        <source>Find in the graph: relu, 3x4, grad is None, /conv\d/</source>
        <translation>Buscar en el grafo: relu, 3x4, grad is None, /conv\d/</translation>
    </message>
    <message>
        <source>Find in the graph</source>
        <translation>Buscar en el grafo</translation>
    </message>
    <message>
        <source>Names, ops, autograd nodes, modules, dtypes, devices and texts; all words must match.
Shapes: 3x4, (3, 4), *x4
Lines: line 7, line 3-9
Conditions: grad is None, requires_grad, leaf, parameter, constant, nan, inf, in-place
Numbers: norm &gt; 10, grad norm &lt; 1e-6, numel &gt;= 1000, bytes &gt; 1 MB, time &gt; 2 ms
Regular expressions: /conv\d/
not negates a word.</source>
        <translation>Nombres, operaciones, nodos de autograd, módulos, tipos, dispositivos y textos; deben estar todas las palabras.
Formas: 3x4, (3, 4), *x4
Líneas: línea 7, línea 3-9
Condiciones: grad is None, requires_grad, leaf, parameter, constant, nan, inf, in-place
Números: norm &gt; 10, grad norm &lt; 1e-6, numel &gt;= 1000, bytes &gt; 1 MB, time &gt; 2 ms
Expresiones regulares: /conv\d/
not invierte una palabra.</translation>
    </message>
    <message>
        <source>Search results</source>
        <translation>Lo encontrado</translation>
    </message>
    <message>
        <source>Reveal</source>
        <translation>Mostrar</translation>
    </message>
    <message>
        <source>Open what it is folded up in, turn off what hides it</source>
        <translation>Abrir lo que lo contiene plegado, desactivar lo que lo oculta</translation>
    </message>
    <message>
        <source>Previous (Shift+Enter)</source>
        <translation>Anterior (Mayús+Intro)</translation>
    </message>
    <message>
        <source>Next (Enter)</source>
        <translation>Siguiente (Intro)</translation>
    </message>
    <message>
        <source>List the results</source>
        <translation>Lista de lo encontrado</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>Cerrar (Esc)</translation>
    </message>
    <message>
        <source>Nothing found: in the end every leaf has its gradient</source>
        <translation>No se encontró nada: al final toda hoja tiene su gradiente</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>No se encontró nada</translation>
    </message>
    <message numerus="yes">
        <source>%Ln found</source>
        <translation>
            <numerusform>%Ln encontrado</numerusform>
            <numerusform>%Ln encontrados</numerusform>
        </translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} de {}</translation>
    </message>
    <message numerus="yes">
        <source>%Ln folded up</source>
        <translation>
            <numerusform>%Ln plegado</numerusform>
            <numerusform>%Ln plegados</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not drawn</source>
        <translation>
            <numerusform>%Ln sin dibujar</numerusform>
            <numerusform>%Ln sin dibujar</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Sentences</name>
    <message>
        <source>The engine is not running. Restart it first.</source>
        <translation>El motor no está en marcha. Reinícielo primero.</translation>
    </message>
    <message>
        <source>The engine could not be started: {reason}</source>
        <translation>No se pudo iniciar el motor: {reason}</translation>
    </message>
    <message>
        <source>The engine could not start: {reason}</source>
        <translation>El motor no pudo iniciarse: {reason}</translation>
    </message>
    <message>
        <source>Stopped. The engine did not respond and was replaced.</source>
        <translation>Detenido. El motor no respondía y se sustituyó.</translation>
    </message>
    <message>
        <source>Stopped on line {line}. The operation there cannot be interrupted, so the engine was replaced.</source>
        <translation>Detenido en la línea {line}. La operación de esa línea no se puede interrumpir, así que se sustituyó el motor.</translation>
    </message>
    <message>
        <source>The engine ended while line {line} ran: {cause}.</source>
        <translation>El motor terminó mientras se ejecutaba la línea {line}: {cause}.</translation>
    </message>
    <message>
        <source>The engine ended: {cause}.</source>
        <translation>El motor terminó: {cause}.</translation>
    </message>
    <message>
        <source>the code left the process with status {status}</source>
        <translation>el código salió del proceso con el estado {status}</translation>
    </message>
    <message>
        <source>the system killed it, most likely because memory ran out</source>
        <translation>el sistema lo mató, muy probablemente porque se agotó la memoria</translation>
    </message>
    <message>
        <source>it crashed with {signal}</source>
        <translation>falló con {signal}</translation>
    </message>
    <message>
        <source>The engine ended</source>
        <translation>El motor terminó</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Detenido</translation>
    </message>
    <message>
        <source>Your text is as it was. Run it again when the engine is ready.</source>
        <translation>Su texto está como estaba. Ejecútelo de nuevo cuando el motor esté listo.</translation>
    </message>
    <message>
        <source>PyTorch could not be imported: {error}</source>
        <translation>No se pudo importar PyTorch: {error}</translation>
    </message>
    <message>
        <source>The worker failed: {error}</source>
        <translation>El motor falló: {error}</translation>
    </message>
    <message>
        <source>The worker process ended with {cause}.</source>
        <translation>El proceso del motor terminó con {cause}.</translation>
    </message>
    <message>
        <source>The worker was sent an invalid request: {error}</source>
        <translation>Al motor le llegó algo que no es una petición: {error}</translation>
    </message>
    <message>
        <source>The worker sent an invalid answer: {error}</source>
        <translation>El motor envió algo que no es una respuesta: {error}</translation>
    </message>
    <message>
        <source>A message of {size} MiB is larger than the {limit} MiB that may pass between the window and the worker.</source>
        <translation>Un mensaje de {size} MiB supera los {limit} MiB que pueden pasar entre la ventana y el motor.</translation>
    </message>
    <message>
        <source>The recording of this run is larger than the {limit} MiB that may pass between the window and the worker: make the text do less, for example one iteration of its loop.</source>
        <translation>La grabación de esta ejecución es mayor que los {limit} MiB que pueden pasar entre la ventana y el motor: haga que el texto haga menos, por ejemplo una sola vuelta de su bucle.</translation>
    </message>
    <message>
        <source>The recording of this run needs more memory than this machine has free: make the text do less, for example one iteration of its loop.</source>
        <translation>La grabación de esta ejecución necesita más memoria de la que tiene libre este equipo: haga que el texto haga menos, por ejemplo una sola vuelta de su bucle.</translation>
    </message>
    <message>
        <source>This recording has {count} operations or steps, and the window shows at most {limit}: make the text do less, for example one iteration of its loop, or query the recording in Python with gradviz.record() and gradviz.load().</source>
        <translation>Esta grabación tiene {count} operaciones o pasos, y la ventana muestra como máximo {limit}: haga que el texto haga menos, por ejemplo una sola vuelta de su bucle, o consulte la grabación en Python con gradviz.record() y gradviz.load().</translation>
    </message>
    <message>
        <source>A frame of {size} bytes was announced; at most {limit} may.</source>
        <translation>Se anunció un mensaje de {size} bytes; se admiten como máximo {limit}.</translation>
    </message>
    <message>
        <source>The engine no longer has this value: run the document again.</source>
        <translation>El motor ya no tiene este valor: ejecute el documento de nuevo.</translation>
    </message>
    <message>
        <source>Running the code again did not make this value: it does something else each time.</source>
        <translation>Al ejecutar el código otra vez no se creó este valor: hace algo distinto cada vez.</translation>
    </message>
    <message>
        <source>A message cannot hold a {type}.</source>
        <translation>Un mensaje no puede contener un {type}.</translation>
    </message>
    <message>
        <source>The elements of this value cannot be read.</source>
        <translation>No se pueden leer los elementos de este valor.</translation>
    </message>
    <message>
        <source>The elements of this tensor were not kept.</source>
        <translation>No se conservaron los elementos de este tensor.</translation>
    </message>
    <message>
        <source>Unknown element type {type}.</source>
        <translation>Tipo de elemento desconocido: {type}.</translation>
    </message>
    <message>
        <source>Elements of type {type} cannot be shown.</source>
        <translation>No se pueden mostrar elementos de tipo {type}.</translation>
    </message>
    <message>
        <source>A tensor of shape {shape} needs {expected} bytes, but {kept} were kept.</source>
        <translation>Un tensor de forma {shape} necesita {expected} bytes, pero se conservaron {kept}.</translation>
    </message>
    <message>
        <source>That is too long to search for.</source>
        <translation>Eso es demasiado largo para buscarlo.</translation>
    </message>
    <message>
        <source>The regular expression has no second slash.</source>
        <translation>A la expresión regular le falta la segunda barra.</translation>
    </message>
    <message>
        <source>A repeat within a repeat may take forever: write the regular expression without it.</source>
        <translation>Una repetición dentro de otra puede no acabar nunca: escriba la expresión regular sin ella.</translation>
    </message>
    <message>
        <source>The regular expression is wrong: {error}.</source>
        <translation>La expresión regular es incorrecta: {error}.</translation>
    </message>
    <message>
        <source>“{key}” cannot be compared with a number: norm, grad norm, numel, ndim, bytes, time and line can.</source>
        <translation>«{key}» no es un número que se pueda comparar: sí lo son norm, grad norm, numel, ndim, bytes, time y line.</translation>
    </message>
    <message>
        <source>“{unit}” is not a unit: use ms, µs, s, kB, MB or GB.</source>
        <translation>«{unit}» no es una unidad: sí lo son ms, µs, s, kB, MB, GB.</translation>
    </message>
    <message>
        <source>The run was stopped.</source>
        <translation>Se detuvo la ejecución.</translation>
    </message>
    <message>
        <source>The run was stopped; the graph shows what was built until then.</source>
        <translation>Se detuvo la ejecución; el grafo muestra lo construido hasta entonces.</translation>
    </message>
    <message>
        <source>The syntax is wrong.</source>
        <translation>La sintaxis no es correcta.</translation>
    </message>
    <message>
        <source>It is nested too deeply.</source>
        <translation>Es demasiado profundo.</translation>
    </message>
    <message>
        <source>The text is nested too deeply.</source>
        <translation>El texto es demasiado profundo.</translation>
    </message>
    <message>
        <source>The output was cut here: a run shows at most 20,000 lines and 1 MiB.</source>
        <translation>La salida se cortó aquí: una ejecución muestra como máximo 20 000 líneas y 1 MiB.</translation>
    </message>
    <message>
        <source>(its message could not be read: {error})</source>
        <translation>(no se pudo leer su mensaje: {error})</translation>
    </message>
    <message>
        <source>{command} cannot follow =.</source>
        <translation>{command} no puede ir después de =.</translation>
    </message>
    <message>
        <source>{command} must be the first line of its cell; cells begin with a line # %%.</source>
        <translation>{command} debe ser la primera línea de su celda; las celdas empiezan con una línea # %%.</translation>
    </message>
    <message>
        <source>Put the code below the line {command}.</source>
        <translation>Ponga el código debajo de la línea {command}.</translation>
    </message>
    <message>
        <source>{command} needs a statement after it.</source>
        <translation>{command} necesita una instrucción detrás.</translation>
    </message>
    <message>
        <source>{command} is not known here; %time, %%time, %timeit and %%timeit are.</source>
        <translation>{command} no se conoce aquí; sí %time, %%time, %timeit y %%timeit.</translation>
    </message>
    <message>
        <source>{name} is no longer a leaf: its value was not changed.</source>
        <translation>{name} ya no es una hoja: no se cambió su valor.</translation>
    </message>
    <message>
        <source>{name} was not bound: its value was not changed.</source>
        <translation>{name} no llegó a existir: no se cambió su valor.</translation>
    </message>
    <message>
        <source>{node} was not executed again: its gradient was not changed.</source>
        <translation>{node} no se ejecutó de nuevo: no se cambió su gradiente.</translation>
    </message>
    <message>
        <source>A different gradient came into {node}: it was not changed.</source>
        <translation>A {node} llegó otro gradiente: no se cambió.</translation>
    </message>
    <message>
        <source>A value that it was computed from has changed since.</source>
        <translation>Un valor del que se calculó ha cambiado desde entonces.</translation>
    </message>
    <message>
        <source>It comes from calls that were not seen, such as an earlier backward pass with create_graph=True.</source>
        <translation>Proviene de llamadas que no se vieron, como una pasada hacia atrás anterior con create_graph=True.</translation>
    </message>
    <message>
        <source>Mixed precision (autocast) is not checked.</source>
        <translation>La precisión mixta (autocast) no se comprueba.</translation>
    </message>
    <message>
        <source>Repeated, the calls give a different result from that of the run.</source>
        <translation>Hechas de nuevo, las llamadas dan otro resultado que en la ejecución.</translation>
    </message>
    <message>
        <source>It cannot be computed again in float64: {error}</source>
        <translation>No se puede calcular de nuevo en float64: {error}</translation>
    </message>
    <message>
        <source>The derivative of its output {output} with respect to its input {input} is not the slope that finite differences find.</source>
        <translation>La derivada de su salida {output} respecto a su entrada {input} no es la pendiente que hallan las diferencias finitas.</translation>
    </message>
    <message>
        <source>It is not finite there.</source>
        <translation>Allí no es finita.</translation>
    </message>
    <message>
        <source>In float64 it is a different number: random, or lost to rounding in float32.</source>
        <translation>En float64 es otro número: aleatorio, o perdido por el redondeo en float32.</translation>
    </message>
    <message>
        <source>There was no time left to check it.</source>
        <translation>No quedó tiempo para comprobarlo.</translation>
    </message>
    <message>
        <source>It could not be checked: {error}</source>
        <translation>No se pudo comprobar: {error}</translation>
    </message>
    <message>
        <source>The run made more calls than can be kept.</source>
        <translation>La ejecución hizo más llamadas de las que se pueden guardar.</translation>
    </message>
    <message>
        <source>Type a number.</source>
        <translation>Escriba un número.</translation>
    </message>
    <message>
        <source>That is too long for an answer.</source>
        <translation>Eso es demasiado largo para una respuesta.</translation>
    </message>
    <message>
        <source>That is not a number. Type one such as 3, 1/2 or [1, 2].</source>
        <translation>Eso no es un número. Escriba uno como 3, 1/2 o [1, 2].</translation>
    </message>
    <message>
        <source>That has shape {given}, but shape {wanted} is needed.</source>
        <translation>Eso tiene la forma {given}, pero se pide {wanted}.</translation>
    </message>
    <message>
        <source>{name} was not changed: {problem}</source>
        <translation>{name} no se cambió: {problem}</translation>
    </message>
    <message>
        <source>The recording had no room for all of this value.</source>
        <translation>En la grabación no cabía este valor completo.</translation>
    </message>
    <message>
        <source>While you predict, you cannot search by gradients.</source>
        <translation>Mientras predice no se busca por gradientes.</translation>
    </message>
    <message>
        <source>{magic} has nothing to configure here.</source>
        <translation>{magic} no tiene nada que ajustar aquí.</translation>
    </message>
    <message>
        <source>{magic} is not known here: it was skipped.</source>
        <translation>{magic} no se conoce aquí: se ha pasado por alto.</translation>
    </message>
    <message>
        <source>Not run here: {command}. Run it in a terminal.</source>
        <translation>Aquí no se ejecuta: {command}. Ejecútelo en una terminal.</translation>
    </message>
    <message>
        <source>Not run here: {command}.</source>
        <translation>Aquí no se ejecuta: {command}.</translation>
    </message>
    <message>
        <source>Write help({name}) to read about it.</source>
        <translation>Escriba help({name}) para leer sobre ello.</translation>
    </message>
    <message>
        <source>This PyTorch lets your own dispatch modes see what the recorder reads.</source>
        <translation>Este PyTorch deja que los modos de despacho propios vean lo que lee el grabador.</translation>
    </message>
    <message>
        <source>The gradient into {node} was not changed: {problem}</source>
        <translation>No se cambió el gradiente que llega a {node}: {problem}</translation>
    </message>
    <message>
        <source>Type a value, such as 0 or -value.</source>
        <translation>Escriba un valor, como 0 o -value.</translation>
    </message>
    <message>
        <source>That is too long for a value.</source>
        <translation>Eso es demasiado largo para un valor.</translation>
    </message>
    <message>
        <source>That is not a value. Type one such as 0, -value, value + 0.1 or value[0] = 5.</source>
        <translation>Eso no es un valor. Escriba uno como 0, -value, value + 0.1 o value[0] = 5.</translation>
    </message>
    <message>
        <source>That is a complex number, and the tensor is real.</source>
        <translation>Eso es un número complejo y el tensor es real.</translation>
    </message>
    <message>
        <source>The tensor holds whole numbers; that is not one.</source>
        <translation>El tensor contiene números enteros; eso no lo es.</translation>
    </message>
    <message>
        <source>That is too large or too small for the type of the tensor.</source>
        <translation>Eso es demasiado grande o demasiado pequeño para el tipo del tensor.</translation>
    </message>
    <message>
        <source>The name {name} is not known here.</source>
        <translation>{name} no es un nombre conocido aquí.</translation>
    </message>
    <message>
        <source>The function {name} is not known here.</source>
        <translation>{name} no es una función conocida aquí.</translation>
    </message>
    <message>
        <source>{name} takes a different number of arguments.</source>
        <translation>{name} recibe otra cantidad de argumentos.</translation>
    </message>
    <message>
        <source>That index is outside the shape {shape}.</source>
        <translation>Ese índice queda fuera de la forma {shape}.</translation>
    </message>
    <message>
        <source>The step of a slice cannot be 0.</source>
        <translation>El paso de un segmento no puede ser 0.</translation>
    </message>
    <message>
        <source>An index is a whole number, a slice such as 1:3, or several of them.</source>
        <translation>Un índice es un número entero, un segmento como 1:3, o varios de ellos.</translation>
    </message>
    <message>
        <source>That exponent is too large.</source>
        <translation>Ese exponente es demasiado grande.</translation>
    </message>
    <message>
        <source>This PyTorch lets your own modes and tensor subclasses see what the recorder reads.</source>
        <translation>Esta versión de PyTorch deja que los modos y las subclases de tensores propios vean lo que lee la grabación.</translation>
    </message>
    <message>
        <source>This PyTorch does not tell what autograd nodes save for the backward pass.</source>
        <translation>Esta versión de PyTorch no dice qué guardan los nodos de autograd para la pasada hacia atrás.</translation>
    </message>
    <message>
        <source>This PyTorch does not let the recorder step aside: what torch.compile made runs uncompiled while it is recorded.</source>
        <translation>Esta versión de PyTorch no permite apartar la grabación: lo que creó torch.compile se ejecuta sin compilar mientras se graba.</translation>
    </message>
    <message>
        <source>This PyTorch does not count changes to a tensor: those by ops that do not say in their name that they change something may be missing, and each value is copied.</source>
        <translation>Esta versión de PyTorch no cuenta los cambios de un tensor: pueden faltar los de operaciones cuyo nombre no dice que cambian algo, y cada valor se copia.</translation>
    </message>
    <message>
        <source>This PyTorch does not tell which backward pass runs: passes within passes that run in other threads may be taken for one.</source>
        <translation>Esta versión de PyTorch no dice qué pasada hacia atrás se ejecuta: las pasadas dentro de otras que corren en otros hilos pueden tomarse por una sola.</translation>
    </message>
    <message>
        <source>This PyTorch hides the hooks of a tensor: a leaf that is moved by making it anew loses them.</source>
        <translation>Esta versión de PyTorch oculta los hooks de un tensor: una hoja que se mueve creándola de nuevo los pierde.</translation>
    </message>
    <message>
        <source>This PyTorch does not tell when a transform of torch.func runs: what happens in it may be recorded as if there were none.</source>
        <translation>Esta versión de PyTorch no dice cuándo se ejecuta una transformación de torch.func: lo que ocurre en ella puede grabarse como si no la hubiera.</translation>
    </message>
    <message>
        <source>This PyTorch does not tell of which tensor another one is a view.</source>
        <translation>Esta versión de PyTorch no dice de qué tensor es vista otro tensor.</translation>
    </message>
    <message>
        <source>This PyTorch hides the entry to its engine: passes that do not begin with backward() or torch.autograd.grad() are not recorded.</source>
        <translation>Esta versión de PyTorch oculta la entrada a su motor: no se graban las pasadas que no empiezan con backward() ni con torch.autograd.grad().</translation>
    </message>
    <message>
        <source>This PyTorch does not number autograd nodes: which op made which is inferred from the graph.</source>
        <translation>Esta versión de PyTorch no numera los nodos de autograd: qué operación creó cada uno se lee en el grafo.</translation>
    </message>
    <message>
        <source>This PyTorch does not tell when its compiler rehearses a backward pass, which may be recorded as if it had run.</source>
        <translation>Esta versión de PyTorch no dice cuándo su compilador ensaya una pasada hacia atrás, que puede grabarse como si se hubiera ejecutado.</translation>
    </message>
    <message>
        <source>The program also computes in other threads; only the thread that runs it is recorded.</source>
        <translation>El programa calcula también en otros hilos; solo se graba lo que hace el hilo que lo ejecuta.</translation>
    </message>
    <message>
        <source>A part could not be recorded ({error}: {message}).</source>
        <translation>No se pudo grabar una parte ({error}: {message}).</translation>
    </message>
    <message>
        <source>{module} takes a different path while it is recorded (PyTorch&apos;s fused inference path is off): results may differ in the last digits.</source>
        <translation>{module} toma otro camino cuando se graba (el camino de inferencia fusionado de PyTorch está desactivado): los resultados pueden diferir en los últimos dígitos.</translation>
    </message>
    <message>
        <source>A recording is already being made; finish it before the next one.</source>
        <translation>Ya se está haciendo una grabación; termínela antes de empezar otra.</translation>
    </message>
    <message>
        <source>This tensor has no backward graph: it is a leaf, it needs no gradient, or it was computed under no_grad.</source>
        <translation>Este tensor no tiene grafo hacia atrás: es una hoja, no necesita gradiente o se calculó con no_grad.</translation>
    </message>
    <message>
        <source>Something unseen, such as a thread from before the recording, changed tensors while it was made: the values that they had before are left out.</source>
        <translation>Algo no visto, como un hilo anterior a la grabación, cambió tensores mientras se grababa: se omiten los valores que tenían antes.</translation>
    </message>
    <message>
        <source>This PyTorch was built without CUDA; install a CUDA build (pytorch.org/get-started) on a machine with an NVIDIA card, or use the CPU: torch.device(&apos;cuda&apos; if torch.cuda.is_available() else &apos;cpu&apos;).</source>
        <translation>Este PyTorch se compiló sin CUDA; instale una versión con CUDA (pytorch.org/get-started) en un equipo con tarjeta NVIDIA, o use la CPU: torch.device(&apos;cuda&apos; if torch.cuda.is_available() else &apos;cpu&apos;).</translation>
    </message>
    <message>
        <source>This machine has no NVIDIA driver that is new enough for CUDA; install it, or use the CPU: torch.device(&apos;cuda&apos; if torch.cuda.is_available() else &apos;cpu&apos;).</source>
        <translation>Este equipo no tiene un controlador de NVIDIA lo bastante reciente para CUDA; instálelo, o use la CPU: torch.device(&apos;cuda&apos; if torch.cuda.is_available() else &apos;cpu&apos;).</translation>
    </message>
    <message>
        <source>This GPU has no double precision: use torch.float32, for example x.float().</source>
        <translation>Esta GPU no tiene doble precisión: use torch.float32, por ejemplo x.float().</translation>
    </message>
    <message>
        <source>This machine has no accelerator that PyTorch can use; use the CPU: leave out pin_memory, and write device=&apos;cpu&apos;.</source>
        <translation>Este equipo no tiene ningún acelerador que PyTorch pueda usar; use la CPU: quite pin_memory y escriba device=&apos;cpu&apos;.</translation>
    </message>
    <message>
        <source>This PyTorch cannot use that device; the device panel and gradviz devices list those that it can.</source>
        <translation>Este PyTorch no puede usar ese dispositivo; el panel de dispositivos y gradviz devices enumeran los que sí puede.</translation>
    </message>
    <message>
        <source>The card&apos;s library failed, most likely because the card&apos;s memory is full: use a smaller batch.</source>
        <translation>La biblioteca de la tarjeta no pudo trabajar, casi siempre porque su memoria está llena: use un lote más pequeño.</translation>
    </message>
    <message>
        <source>A kernel read or wrote outside its memory; the line shown is where that was noticed. CUDA_LAUNCH_BLOCKING=1 in the environment shows the right one; the engine restarts by itself.</source>
        <translation>Un kernel leyó o escribió fuera de su memoria; la línea es aquella en la que se notó. CUDA_LAUNCH_BLOCKING=1 en el entorno muestra la correcta; el motor se reinicia solo.</translation>
    </message>
    <message>
        <source>A kernel refused its input, most likely an index or a class number out of range. Run it on the CPU, which names the line and the reason; the engine restarts by itself.</source>
        <translation>Un kernel rechazó su entrada, casi siempre un índice o un número de clase fuera de rango. Ejecútelo en la CPU, que dice la línea y el motivo; el motor se reinicia solo.</translation>
    </message>
    <message>
        <source>This PyTorch has no code for this card; install a build that has (pytorch.org/get-started).</source>
        <translation>Este PyTorch no tiene código para esta tarjeta; instale una versión que lo tenga (pytorch.org/get-started).</translation>
    </message>
    <message>
        <source>The NVIDIA driver is older than this PyTorch needs: update it (www.nvidia.com/drivers).</source>
        <translation>El controlador de NVIDIA es más antiguo de lo que necesita este PyTorch: actualícelo (www.nvidia.com/drivers).</translation>
    </message>
    <message>
        <source>CUDA sees no card; check nvidia-smi and the variable CUDA_VISIBLE_DEVICES.</source>
        <translation>CUDA no ve ninguna tarjeta; compruebe nvidia-smi y la variable CUDA_VISIBLE_DEVICES.</translation>
    </message>
    <message>
        <source>There is no card with this number; torch.cuda.device_count() says how many there are.</source>
        <translation>No hay ninguna tarjeta con este número; torch.cuda.device_count() dice cuántas hay.</translation>
    </message>
    <message>
        <source>The first backward freed what this one needs. Keep it with backward(retain_graph=True), or compute the result again before each backward; a tensor carried over from one iteration of a loop to the next needs .detach().</source>
        <translation>La primera llamada a backward liberó lo que esta necesita. Consérvelo con backward(retain_graph=True), o calcule el resultado de nuevo antes de cada backward; un tensor que pasa de una vuelta del bucle a la siguiente necesita .detach().</translation>
    </message>
    <message>
        <source>A tensor that backward needs was changed in place after it was used. Write y = y + 1 instead of y += 1, or change a copy: y.clone().</source>
        <translation>Un tensor que la pasada hacia atrás necesita se modificó in situ después de usarse. Escriba y = y + 1 en lugar de y += 1, o modifique una copia: y.clone().</translation>
    </message>
    <message>
        <source>A leaf may be changed in place only while autograd is off: put the change inside with torch.no_grad():</source>
        <translation>Una hoja solo se puede modificar in situ donde no se registra nada: ponga el cambio dentro de with torch.no_grad():</translation>
    </message>
    <message>
        <source>Backward starts from one number. Reduce the result first (.sum() or .mean()), or say how much each element counts: y.backward(torch.ones_like(y)).</source>
        <translation>La pasada hacia atrás parte de un solo número. Reduzca antes el resultado (.sum() o .mean()), o diga cuánto cuenta cada elemento: y.backward(torch.ones_like(y)).</translation>
    </message>
    <message>
        <source>Nothing that this was computed from requires grad, or the path was cut by detach() or no_grad(). Make a leaf with requires_grad=True.</source>
        <translation>Nada de lo que se usó para calcular esto requiere gradiente, o detach() o no_grad() cortaron el camino. Cree una hoja con requires_grad=True.</translation>
    </message>
    <message>
        <source>The result does not depend on this tensor; allow_unused=True gives None for it.</source>
        <translation>El resultado no depende de este tensor; allow_unused=True da None para él.</translation>
    </message>
    <message>
        <source>NumPy lives on the CPU: x.detach().cpu().numpy().</source>
        <translation>NumPy vive en la CPU: x.detach().cpu().numpy().</translation>
    </message>
    <message>
        <source>In a matrix product the first must have as many columns as the second has rows; look at both shapes: one of them may need .T.</source>
        <translation>En un producto de matrices, la primera debe tener tantas columnas como filas la segunda; mire ambas formas, quizá a una le falte .T.</translation>
    </message>
    <message>
        <source>Shapes are compared from the last dimension: sizes must be equal, or one of them 1. unsqueeze() adds a dimension of size 1.</source>
        <translation>Las formas se comparan desde la última dimensión: los tamaños deben ser iguales, o uno de ellos 1. unsqueeze() añade una dimensión de tamaño 1.</translation>
    </message>
    <message>
        <source>The new shape must have as many elements as the old; one size may be -1. After a transpose use reshape() instead of view().</source>
        <translation>La nueva forma debe tener tantos elementos como la anterior; un tamaño puede ser -1. Después de trasponer, use reshape() en lugar de view().</translation>
    </message>
    <message>
        <source>Move one of them: x.to(y.device).</source>
        <translation>Mueva uno de ellos: x.to(y.device).</translation>
    </message>
    <message>
        <source>Make it floating point: torch.tensor([1., 2.]) or x.float().</source>
        <translation>Hágalo de punto flotante: torch.tensor([1., 2.]) o x.float().</translation>
    </message>
    <message>
        <source>Convert both to one type, for example x.float().</source>
        <translation>Lleve ambos al mismo tipo, por ejemplo x.float().</translation>
    </message>
    <message>
        <source>Only a tensor of one element becomes a number; reduce it first, or use .tolist().</source>
        <translation>Solo un tensor de un elemento se convierte en número; redúzcalo antes, o use .tolist().</translation>
    </message>
    <message>
        <source>Say which you mean: (x &gt; 0).any() or (x &gt; 0).all().</source>
        <translation>Diga cuál quiere: (x &gt; 0).any() o (x &gt; 0).all().</translation>
    </message>
    <message>
        <source>There is no keyboard input here; write the value into the text.</source>
        <translation>Aquí no hay entrada de teclado; escriba el valor en el texto.</translation>
    </message>
    <message>
        <source>Run it in a terminal.</source>
        <translation>Ejecútelo en una terminal.</translation>
    </message>
    <message>
        <source>It is not installed where gradviz runs: {python} -m pip install {name}</source>
        <translation>No está instalado donde se ejecuta gradviz: {python} -m pip install {name}</translation>
    </message>
    <message>
        <source>Add the bracket that closes it where its contents end.</source>
        <translation>Añada el paréntesis que lo cierra donde termina su contenido.</translation>
    </message>
    <message>
        <source>There is no open bracket for this one to close: remove it, or open one before it.</source>
        <translation>No hay ningún paréntesis abierto que este pueda cerrar: quítelo, o abra uno antes.</translation>
    </message>
    <message>
        <source>Brackets close in the reverse of the order in which they were opened.</source>
        <translation>Los paréntesis se cierran en el orden inverso al que se abrieron.</translation>
    </message>
    <message>
        <source>End the string with the quotation mark that begins it.</source>
        <translation>Termine el texto con la misma comilla con la que empieza.</translation>
    </message>
    <message>
        <source>A line that begins a block (if, for, while, def, class, with …) ends with a colon.</source>
        <translation>Una línea que empieza un bloque (if, for, while, def, class, with…) termina con dos puntos.</translation>
    </message>
    <message>
        <source>Indent the lines of the block, usually by four spaces; if it does nothing, write pass.</source>
        <translation>Sangre las líneas del bloque, normalmente con cuatro espacios; donde no haga nada, escriba pass.</translation>
    </message>
    <message>
        <source>Begin this line as far to the left as the line above it.</source>
        <translation>Empiece esta línea tan a la izquierda como la línea de encima.</translation>
    </message>
    <message>
        <source>Begin this line exactly below another line of its block.</source>
        <translation>Empiece esta línea exactamente debajo de otra línea de su bloque.</translation>
    </message>
    <message>
        <source>Indent with spaces alone, or with tabs alone.</source>
        <translation>Sangre solo con espacios, o solo con tabuladores.</translation>
    </message>
    <message>
        <source>It was probably pasted from formatted text: type it again on the keyboard.</source>
        <translation>Probablemente se copió de un texto con formato: vuelva a escribirlo con el teclado.</translation>
    </message>
    <message>
        <source>A product is written with *, as in 2 * x; a name begins with a letter.</source>
        <translation>Un producto se escribe con *, como en 2 * x; un nombre empieza por una letra.</translation>
    </message>
    <message>
        <source>Indent the line, so that it belongs to the function above it.</source>
        <translation>Sangre la línea, para que pertenezca a la función de encima.</translation>
    </message>
    <message>
        <source>Look here and just before for something missing or extra: an operator, a comma, a bracket, a colon.</source>
        <translation>Busque aquí y justo antes lo que falta o sobra: un operador, una coma, un paréntesis, dos puntos.</translation>
    </message>
    <message>
        <source>Devices are called cpu, cuda:0, mps or xpu:0; the Devices tab and gradviz devices list those of this machine.</source>
        <translation>Los dispositivos se llaman cpu, cuda:0, mps o xpu:0; la pestaña Dispositivos y gradviz devices muestran los de este equipo.</translation>
    </message>
    <message>
        <source>File names are looked up from {folder}.</source>
        <translation>Los nombres de archivos se buscan a partir de {folder}.</translation>
    </message>
    <message>
        <source>A function calls itself endlessly; look at the case that should end it.</source>
        <translation>Una función se llama a sí misma sin fin; busque el caso que la termina.</translation>
    </message>
    <message>
        <source>It asked for {size} on {device}, where {free} is free.</source>
        <translation>Pedía {size} en {device}, donde quedan libres {free}.</translation>
    </message>
    <message>
        <source>It asked for {size} on the CPU, where {free} is free.</source>
        <translation>Pedía {size} en la CPU, donde quedan libres {free}.</translation>
    </message>
    <message>
        <source>It asked for {size} on {device}.</source>
        <translation>Pedía {size} en {device}.</translation>
    </message>
    <message>
        <source>It asked for {size} on the CPU.</source>
        <translation>Pedía {size} en la CPU.</translation>
    </message>
    <message>
        <source>Of the memory of {device}, {free} is free.</source>
        <translation>De la memoria de {device} quedan libres {free}.</translation>
    </message>
    <message>
        <source>Of the memory of the CPU, {free} is free.</source>
        <translation>De la memoria de la CPU quedan libres {free}.</translation>
    </message>
    <message>
        <source>There is only {size} in total: make it in smaller parts, or of a smaller type such as torch.bfloat16.</source>
        <translation>En total no hay más de {size}: hágalo en partes más pequeñas o con un tipo menor, como torch.bfloat16.</translation>
    </message>
    <message>
        <source>It is held by {tensors}.</source>
        <translation>La ocupan {tensors}.</translation>
    </message>
    <message>
        <source>Of the {size} that tensors hold, most is in {tensors}.</source>
        <translation>De los {size} que ocupan los tensores, la mayor parte está en {tensors}.</translation>
    </message>
    <message>
        <source>Another {size} are values that the recording keeps.</source>
        <translation>Otros {size} son valores que guarda la grabación.</translation>
    </message>
    <message>
        <source>Use a smaller batch, or with torch.no_grad(): where no gradient is needed, and delete what is no longer needed (del {name}).</source>
        <translation>Use un lote más pequeño, o with torch.no_grad(): donde no haga falta el gradiente, y borre lo que ya no haga falta (del {name}).</translation>
    </message>
    <message>
        <source>Delete what is no longer needed (del {name}), or use smaller tensors, a smaller batch or a smaller type such as torch.bfloat16.</source>
        <translation>Borre lo que ya no haga falta (del {name}) o use tensores más pequeños, un lote más pequeño o un tipo menor, como torch.bfloat16.</translation>
    </message>
    <message>
        <source> (line {line}</source>
        <translation> (línea {line}</translation>
    </message>
    <message>
        <source>unnamed</source>
        <translation>sin nombre</translation>
    </message>
    <message>
        <source>A product of two vectors needs vectors of the same length; look at both shapes.</source>
        <translation>Un producto de dos vectores pide vectores de igual longitud; mire ambas formas.</translation>
    </message>
    <message>
        <source>torch.dot takes two vectors; for matrices write a @ b, and .flatten() makes a vector.</source>
        <translation>torch.dot recibe dos vectores; con matrices escriba a @ b, y .flatten() crea un vector.</translation>
    </message>
    <message>
        <source>This tensor is not a leaf: backward leaves its .grad None, unless .retain_grad() was called on it before.</source>
        <translation>Este tensor no es una hoja: backward deja su .grad en None, salvo que antes se llame a .retain_grad().</translation>
    </message>
    <message>
        <source>Class numbers are integers: write target.long().</source>
        <translation>Las clases son números enteros: target.long().</translation>
    </message>
    <message>
        <source>Class numbers run from 0 to the number of outputs minus one.</source>
        <translation>Las clases se numeran desde 0 hasta el número de salidas menos uno.</translation>
    </message>
    <message>
        <source>Leave the graph first: x.detach().numpy(). Gradients go only through PyTorch&apos;s own functions, such as torch.exp(x).</source>
        <translation>Salga antes del grafo: x.detach().numpy(). Los gradientes solo pasan por las funciones propias de PyTorch, como torch.exp(x).</translation>
    </message>
    <message>
        <source>The code ended the run here, with exit() or the like.</source>
        <translation>El código terminó aquí la ejecución, con exit() o algo parecido.</translation>
    </message>
    <message>
        <source>No more figures are shown from here on: a run shows at most 50, and 16 MiB of them.</source>
        <translation>A partir de aquí no se muestran más figuras: una ejecución muestra 50 como máximo, y 16 MiB de ellas.</translation>
    </message>
    <message>
        <source>This figure could not be drawn: {error}.</source>
        <translation>No se pudo dibujar esta figura: {error}.</translation>
    </message>
    <message>
        <source>This figure is not shown, because the code has chosen a backend of matplotlib that only writes files: without matplotlib.use() the figure appears here.</source>
        <translation>Esta figura no se muestra, porque el código eligió un backend de matplotlib que solo escribe archivos: sin matplotlib.use() la figura aparece aquí.</translation>
    </message>
    <message>
        <source>That backend of matplotlib cannot open a window here: without matplotlib.use() the figures appear in the output of gradviz&apos;s window.</source>
        <translation>Ese backend de matplotlib no puede abrir una ventana aquí: sin matplotlib.use() las figuras aparecen en la salida de la ventana de gradviz.</translation>
    </message>
    <message>
        <source>Something here is None. A .grad is None before backward, and it stays None where the tensor is not a leaf, such as w after w = w - 0.1. A function gives None if it has no return.</source>
        <translation>Algo aquí es None. Un .grad es None antes de backward, y sigue siendo None donde el tensor no es una hoja, como w después de w = w - 0.1. Una función sin return devuelve None.</translation>
    </message>
    <message>
        <source>All rows of a tensor must have the same number of elements.</source>
        <translation>Todas las filas de un tensor tienen el mismo número de elementos.</translation>
    </message>
    <message>
        <source>Write a decimal with a point, 1.5, and several numbers in brackets: torch.tensor([1., 5.]).</source>
        <translation>Un número decimal se escribe con punto, 1.5, y varios números entre corchetes: torch.tensor([1., 5.]).</translation>
    </message>
    <message>
        <source>torch.Tensor(…) takes no options: write torch.tensor([1., 2.], requires_grad=True).</source>
        <translation>torch.Tensor(…) no admite opciones: escriba torch.tensor([1., 2.], requires_grad=True).</translation>
    </message>
    <message>
        <source>Sizes are integers: write 3, not 3.0 or &apos;3&apos;.</source>
        <translation>Los tamaños son números enteros: escriba 3, no 3.0 ni &apos;3&apos;.</translation>
    </message>
    <message>
        <source>It was given arguments that it does not take: type its opening parenthesis in the editor to see its signature.</source>
        <translation>Sus argumentos son de otros tipos, o no son los que admite: el editor muestra cómo se llama cuando escribe el paréntesis.</translation>
    </message>
    <message>
        <source>This is a module, not a function: name the function in it, as in torch.rand(3, 3).</source>
        <translation>Un módulo no es una función: nombre la función que contiene, como en torch.rand(3, 3).</translation>
    </message>
    <message>
        <source>This is not a function: leave out the parentheses after it.</source>
        <translation>No es una función: quite los paréntesis que le siguen.</translation>
    </message>
    <message>
        <source>This function was not called: put () after its name.</source>
        <translation>Es una función que no se llamó: ponga () detrás de su nombre.</translation>
    </message>
    <message>
        <source>Functions are called with parentheses: torch.tensor([1., 2.]), x.size()[0].</source>
        <translation>A las funciones se las llama con paréntesis: torch.tensor([1., 2.]), x.size()[0].</translation>
    </message>
    <message>
        <source>This is not a tensor: .item(), .numpy() and float() leave the graph, so use the tensor itself.</source>
        <translation>No es un tensor: .item(), .numpy() y float() salen del grafo, así que use el propio tensor.</translation>
    </message>
    <message>
        <source>torch.from_numpy takes an array; for a list write torch.tensor([1., 2.]).</source>
        <translation>torch.from_numpy recibe un arreglo de NumPy; con una lista, cree el tensor con torch.tensor([1., 2.]).</translation>
    </message>
    <message>
        <source>Only arrays of numbers become tensors: try array.astype(float) first.</source>
        <translation>Solo los arreglos de números se convierten en tensores: pruebe antes array.astype(float).</translation>
    </message>
    <message>
        <source>Indices run from 0 to the size minus one; -1 is the last.</source>
        <translation>Los índices van de 0 al tamaño menos uno; -1 es el último.</translation>
    </message>
    <message>
        <source>The tensor has fewer dimensions than you gave indices; look at its .shape.</source>
        <translation>Tiene menos dimensiones que índices se dieron; .shape las indica.</translation>
    </message>
    <message>
        <source>An index is an integer, a slice such as 1:3, or a tensor of integers.</source>
        <translation>Un índice es un número entero, un corte como 1:3 o un tensor de enteros.</translation>
    </message>
    <message>
        <source>A tensor cannot be sliced backwards: x.flip(0) reverses it.</source>
        <translation>Un tensor no se puede cortar al revés: x.flip(0) le da la vuelta.</translation>
    </message>
    <message>
        <source>The mean of integers need not be an integer: write x.float().mean().</source>
        <translation>La media de números enteros no es entera: escriba x.float().mean().</translation>
    </message>
    <message>
        <source>print(&apos;loss&apos;, loss) puts text and numbers side by side.</source>
        <translation>print(&apos;pérdida&apos;, loss) pone texto y números uno al lado del otro.</translation>
    </message>
    <message>
        <source>torch.cat joins along one dimension, its dim; in all others the sizes must match.</source>
        <translation>torch.cat une a lo largo de una dimensión, su dim; en las demás los tamaños deben ser iguales.</translation>
    </message>
    <message>
        <source>Join single numbers with torch.stack([a, b]).</source>
        <translation>Los números sueltos se unen con torch.stack([a, b]).</translation>
    </message>
    <message>
        <source>Put the tensors into a list: torch.cat([a, b]).</source>
        <translation>Ponga los tensores en una lista: torch.cat([a, b]).</translation>
    </message>
    <message>
        <source>torch.stack needs equal shapes; torch.cat joins along an existing dimension.</source>
        <translation>torch.stack pide formas iguales; torch.cat une a lo largo de una dimensión que ya existe.</translation>
    </message>
    <message>
        <source>Write super().__init__() as the first line of __init__.</source>
        <translation>Escriba super().__init__() como primera línea de __init__.</translation>
    </message>
    <message>
        <source>A module&apos;s class needs a method named forward that takes self and the inputs.</source>
        <translation>La clase de un módulo necesita un método llamado forward, con self y sus entradas.</translation>
    </message>
    <message>
        <source>Tell the optimizer what to change: torch.optim.SGD(model.parameters(), lr=0.1).</source>
        <translation>Diga al optimizador qué debe cambiar: torch.optim.SGD(model.parameters(), lr=0.1).</translation>
    </message>
    <message>
        <source>Make it a tensor: torch.tensor([1., 2.]).</source>
        <translation>Conviértalo en un tensor: torch.tensor([1., 2.]).</translation>
    </message>
    <message>
        <source>Make it a tensor: torch.from_numpy(array).</source>
        <translation>Conviértalo en un tensor: torch.from_numpy(array).</translation>
    </message>
    <message>
        <source>A tensor holds numbers, not text.</source>
        <translation>Un tensor contiene números, no texto.</translation>
    </message>
    <message>
        <source>A tensor keeps its size: torch.cat([a, b]) makes a longer one.</source>
        <translation>Un tensor conserva su tamaño: torch.cat([a, b]) crea uno más largo.</translation>
    </message>
    <message>
        <source>Gradients are cleared by optimizer.zero_grad(), or one by w.grad = None.</source>
        <translation>Los gradientes se borran con optimizer.zero_grad(), o uno solo con w.grad = None.</translation>
    </message>
    <message>
        <source>True and False are written without quotation marks.</source>
        <translation>True y False se escriben sin comillas.</translation>
    </message>
    <message>
        <source>Each sample needs a row of scores: shape (samples, classes) beside (samples,).</source>
        <translation>Cada muestra necesita una fila de puntuaciones: forma (muestras, clases) junto a (muestras,).</translation>
    </message>
    <message>
        <source>An index is an integer. And a decimal is written with a point: 0,1 is two numbers.</source>
        <translation>Un índice es un entero. Y un decimal se escribe con punto: 0,1 son dos números.</translation>
    </message>
    <message>
        <source>torch.Tensor(…) takes a list: write torch.tensor(2.5).</source>
        <translation>torch.Tensor(…) toma una lista: escriba torch.tensor(2.5).</translation>
    </message>
    <message>
        <source>A power is written with **: x ** 2.</source>
        <translation>Una potencia se escribe con **: x ** 2.</translation>
    </message>
    <message>
        <source>NumPy&apos;s functions take arrays: use PyTorch&apos;s own, such as torch.sum(x, dim=0).</source>
        <translation>Las funciones de NumPy toman arreglos: use las de PyTorch, como torch.sum(x, dim=0).</translation>
    </message>
    <message>
        <source>Backward begins at a loss: loss = criterion(model(x), target), then loss.backward().</source>
        <translation>La pasada hacia atrás empieza en una pérdida: loss = criterion(model(x), target) y después loss.backward().</translation>
    </message>
    <message>
        <source>There must be as many names on the left as values on the right.</source>
        <translation>A la izquierda debe haber tantos nombres como valores a la derecha.</translation>
    </message>
    <message>
        <source>This is a single number: .item() returns it.</source>
        <translation>Es un solo número: .item() lo da.</translation>
    </message>
    <message>
        <source>Put () after it: with torch.no_grad():</source>
        <translation>Ponga () detrás: with torch.no_grad():</translation>
    </message>
    <message>
        <source>Dimensions are counted from 0, and -1 is the last; x.ndim says how many there are.</source>
        <translation>Las dimensiones se cuentan desde 0, y -1 es la última; x.ndim dice cuántas hay.</translation>
    </message>
    <message>
        <source>Put the tensors into a list: torch.optim.SGD([w, b], lr=0.1).</source>
        <translation>Ponga los tensores en una lista: torch.optim.SGD([w, b], lr=0.1).</translation>
    </message>
    <message>
        <source>A loss compares two tensors: F.mse_loss(prediction, target).</source>
        <translation>Una pérdida compara dos tensores: F.mse_loss(prediccion, objetivo).</translation>
    </message>
    <message>
        <source>Name the two dimensions that change places: x.transpose(0, 1).</source>
        <translation>Nombre las dos dimensiones que se intercambian: x.transpose(0, 1).</translation>
    </message>
    <message>
        <source>It needs more than it was given: type its opening parenthesis in the editor to see its signature.</source>
        <translation>Necesita más de lo que recibió: escriba su paréntesis de apertura en el editor para ver su firma.</translation>
    </message>
    <message>
        <source>The first parameter of a method is self: def forward(self, x):</source>
        <translation>El primer parámetro de un método es self: def forward(self, x):</translation>
    </message>
    <message>
        <source>Write the modules without brackets around them: nn.Sequential(nn.Linear(2, 2), nn.ReLU()).</source>
        <translation>Escriba los módulos sin corchetes alrededor: nn.Sequential(nn.Linear(2, 2), nn.ReLU()).</translation>
    </message>
    <message>
        <source>A module is created with parentheses: nn.ReLU().</source>
        <translation>Un módulo se crea con paréntesis: nn.ReLU().</translation>
    </message>
    <message>
        <source>Create the module first, then call it: nn.Tanh()(x).</source>
        <translation>Cree primero el módulo y llámelo después: nn.Tanh()(x).</translation>
    </message>
    <message>
        <source>Class numbers have shape (samples,): try target.flatten(). Scores have shape (samples, classes).</source>
        <translation>Los números de clase tienen forma (muestras,): pruebe target.flatten(). Las puntuaciones tienen forma (muestras, clases).</translation>
    </message>
    <message>
        <source>BCELoss takes probabilities: use torch.sigmoid(scores), or nn.BCEWithLogitsLoss.</source>
        <translation>BCELoss recibe probabilidades: use torch.sigmoid(puntuaciones), o nn.BCEWithLogitsLoss.</translation>
    </message>
    <message>
        <source>Integers and Booleans, such as x &gt; 0 and x.argmax(), have no gradient: begin at a decimal number.</source>
        <translation>Los enteros y los booleanos, como x &gt; 0 y x.argmax(), no tienen gradiente: empiece en un número decimal.</translation>
    </message>
    <message>
        <source>The name of a device is a text: write &apos;{name}&apos;.</source>
        <translation>El nombre de un dispositivo es un texto: escriba &apos;{name}&apos;.</translation>
    </message>
    <message>
        <source>__init__ has two underscores on each side.</source>
        <translation>__init__ lleva dos guiones bajos a cada lado.</translation>
    </message>
    <message>
        <source>This is a tuple, such as the values and indices of torch.max(x, dim=0): take one of them, [0].</source>
        <translation>Esto es una tupla, como los valores y los índices de torch.max(x, dim=0): tome uno de ellos, [0].</translation>
    </message>
    <message>
        <source>A type is written without quotation marks: dtype=torch.float32.</source>
        <translation>Un tipo se escribe sin comillas: dtype=torch.float32.</translation>
    </message>
    <message>
        <source>x.detach() has the same values and needs no gradient.</source>
        <translation>x.detach() tiene los mismos valores y no necesita gradiente.</translation>
    </message>
    <message>
        <source>Write nn.Parameter(tensor), or change its values: with torch.no_grad(): layer.weight.copy_(tensor).</source>
        <translation>Escriba nn.Parameter(tensor), o cambie sus valores: with torch.no_grad(): capa.weight.copy_(tensor).</translation>
    </message>
    <message>
        <source>Put a comma between the rows: [[1, 2], [3, 4]].</source>
        <translation>Ponga una coma entre las filas: [[1, 2], [3, 4]].</translation>
    </message>
    <message>
        <source>backward returns one gradient for each argument of forward, in their order, and None for those that need none.</source>
        <translation>backward devuelve un gradiente por cada argumento de forward, en su orden, y None para los que no necesitan ninguno.</translation>
    </message>
    <message>
        <source>Each gradient that backward returns has the shape of the argument of forward that it belongs to.</source>
        <translation>Cada gradiente que devuelve backward tiene la forma del argumento de forward al que corresponde.</translation>
    </message>
    <message>
        <source>PyTorch knows no derivative of this operation: compute it of x.detach(), or put another one in its place.</source>
        <translation>PyTorch no conoce ninguna derivada de esta operación: calcúlela sobre x.detach(), o ponga otra en su lugar.</translation>
    </message>
    <message>
        <source>NumPy cannot combine an array with a tensor that requires grad: write torch.from_numpy(array) + x.</source>
        <translation>Un arreglo de NumPy y un tensor que requiere gradiente no se combinan: torch.from_numpy(array) + x.</translation>
    </message>
    <message>
        <source>Training needs more than one value for each channel here: the batch has one example. Make it larger (drop_last=True of a DataLoader leaves out a last batch of one), or call .eval() to use the model.</source>
        <translation>Para entrenar hace falta aquí más de un valor por canal: el lote tiene un solo ejemplo. Hágalo mayor (drop_last=True en un DataLoader descarta un último lote de uno), o llame a .eval() para usar el modelo.</translation>
    </message>
    <message>
        <source>This line begins with a prompt, which is not code: remove it, or paste the text here again, which leaves out prompts and results.</source>
        <translation>Esta línea empieza con un indicador de consola, que no es código: quítelo, o pegue aquí otra vez el texto, y se omitirán indicadores y resultados.</translation>
    </message>
    <message>
        <source>This line is not Python but Markdown: remove it.</source>
        <translation>Esta línea no es Python sino Markdown: quítela.</translation>
    </message>
    <message>
        <source>Create the loss first, then call it: nn.MSELoss()(prediction, target).</source>
        <translation>Una pérdida primero se crea y luego se llama: nn.MSELoss()(prediction, target).</translation>
    </message>
    <message>
        <source>google.colab exists only in Colab: remove the line.</source>
        <translation>google.colab solo existe en Colab: quite la línea.</translation>
    </message>
    <message>
        <source>{name}.{option} means nothing to PyTorch: write {name}.requires_grad.</source>
        <translation>{name}.{option} no significa nada para PyTorch: es {name}.requires_grad.</translation>
    </message>
    <message>
        <source>PyTorch calls it {name}.</source>
        <translation>En PyTorch se llama {name}.</translation>
    </message>
    <message>
        <source>It belongs to PyTorch: write {name}.</source>
        <translation>Es de PyTorch: escriba {name}.</translation>
    </message>
    <message>
        <source>{name} is not called here: {name}() calls it.</source>
        <translation>Aquí no se llama a {name}: {name}() hace la llamada.</translation>
    </message>
    <message>
        <source>Did you forget: {statement}?</source>
        <translation>¿Falta {statement}?</translation>
    </message>
    <message>
        <source>Did you mean {name}?</source>
        <translation>¿Quería decir {name}?</translation>
    </message>
    <message>
        <source>{path} cannot be opened: {problem}</source>
        <translation>No se puede abrir {path}: {problem}</translation>
    </message>
    <message>
        <source>{path} cannot be read: {problem}</source>
        <translation>No se puede leer {path}: {problem}</translation>
    </message>
    <message>
        <source>{path} cannot be written: {problem}</source>
        <translation>No se puede escribir {path}: {problem}</translation>
    </message>
    <message>
        <source>it is a folder.</source>
        <translation>es una carpeta.</translation>
    </message>
    <message>
        <source>it is not an ordinary file.</source>
        <translation>no es un archivo ordinario.</translation>
    </message>
    <message>
        <source>it is larger than {size} MiB, which no gradviz document is.</source>
        <translation>ocupa más de {size} MiB, y ningún documento de gradviz llega a tanto.</translation>
    </message>
    <message>
        <source>line {line} is not UTF-8 text: save it as UTF-8 in the program that wrote it.</source>
        <translation>la línea {line} no es texto UTF-8: guárdelo como UTF-8 en el programa que lo escribió.</translation>
    </message>
    <message>
        <source>it is not a Jupyter notebook ({error}).</source>
        <translation>no es un cuaderno de Jupyter ({error}).</translation>
    </message>
    <message>
        <source>it has an old format; open and save it in Jupyter first.</source>
        <translation>tiene un formato antiguo; ábralo y guárdelo antes en Jupyter.</translation>
    </message>
    <message>
        <source>No such file or directory.</source>
        <translation>no existe el archivo o la carpeta.</translation>
    </message>
    <message>
        <source>Permission denied.</source>
        <translation>permiso denegado.</translation>
    </message>
    <message>
        <source>No space left on device.</source>
        <translation>no queda espacio en el disco.</translation>
    </message>
    <message>
        <source>Read-only file system.</source>
        <translation>el sistema de archivos es de solo lectura.</translation>
    </message>
    <message>
        <source>there is too little memory.</source>
        <translation>hay muy poca memoria.</translation>
    </message>
    <message>
        <source>it is not a gradviz recording, or it is damaged.</source>
        <translation>no es una grabación de gradviz, o está dañada.</translation>
    </message>
    <message>
        <source>The recording holds a character that cannot be saved.</source>
        <translation>La grabación contiene un carácter que no se puede guardar.</translation>
    </message>
    <message>
        <source>The recording is too large for one file.</source>
        <translation>La grabación es demasiado grande para un archivo.</translation>
    </message>
    <message>
        <source>it is empty.</source>
        <translation>está vacío.</translation>
    </message>
    <message>
        <source>it claims to be larger than any recording is.</source>
        <translation>dice ser mayor que cualquier grabación.</translation>
    </message>
    <message>
        <source>a newer gradviz wrote it (format {found}; this one reads up to {known}). Install a newer gradviz.</source>
        <translation>lo escribió un gradviz más nuevo (formato {found}; este lee hasta el {known}). Instale un gradviz más nuevo.</translation>
    </message>
    <message>
        <source>it needs more memory than this machine has free.</source>
        <translation>necesita más memoria de la que este equipo tiene libre.</translation>
    </message>
    <message>
        <source>it holds fewer elements than it says.</source>
        <translation>contiene menos elementos de los que dice.</translation>
    </message>
    <message>
        <source>its columns have different lengths.</source>
        <translation>sus columnas tienen distinta longitud.</translation>
    </message>
    <message>
        <source>it refers to forms that it does not have.</source>
        <translation>menciona formas que no tiene.</translation>
    </message>
    <message>
        <source>it has elements of an unknown type.</source>
        <translation>tiene elementos de un tipo desconocido.</translation>
    </message>
    <message>
        <source>its elements are not of the type that it says.</source>
        <translation>tiene elementos de otro tipo que el que dice.</translation>
    </message>
    <message>
        <source>it has numbers that belong to nothing.</source>
        <translation>tiene números que no pertenecen a nada.</translation>
    </message>
    <message>
        <source>it holds more elements than it says.</source>
        <translation>contiene más elementos de los que dice.</translation>
    </message>
    <message>
        <source>it has a size below zero.</source>
        <translation>tiene un tamaño menor que cero.</translation>
    </message>
    <message>
        <source>its column “{name}” has the wrong type.</source>
        <translation>su columna «{name}» es de otro tipo.</translation>
    </message>
    <message>
        <source>Line {line} holds a character that cannot be saved.</source>
        <translation>La línea {line} contiene un carácter que no se puede guardar.</translation>
    </message>
    <message>
        <source>The gradviz block cannot be used: {error}</source>
        <translation>No se puede usar el bloque gradviz: {error}</translation>
    </message>
    <message>
        <source>The document has more than one gradviz block.</source>
        <translation>El documento tiene más de un bloque gradviz.</translation>
    </message>
    <message>
        <source>The gradviz block is too long.</source>
        <translation>El bloque gradviz es demasiado largo.</translation>
    </message>
    <message>
        <source>The gradviz block is not valid TOML: {error}</source>
        <translation>El bloque gradviz no es TOML válido: {error}</translation>
    </message>
    <message>
        <source>Trust cannot be remembered: {error}.</source>
        <translation>No se puede recordar la confianza: {error}.</translation>
    </message>
    <message>
        <source>Trust cannot be revoked: {error}.</source>
        <translation>No se puede retirar la confianza: {error}.</translation>
    </message>
    <message>
        <source>A picture&apos;s name must end in one of {endings}; “{name}” does not.</source>
        <translation>El nombre de una imagen debe terminar en uno de {endings}; «{name}» no lo hace.</translation>
    </message>
    <message>
        <source>There is no theme “{theme}”; there are {themes}.</source>
        <translation>No hay ningún tema «{theme}»; hay {themes}.</translation>
    </message>
    <message>
        <source>“{path}” cannot be written: {problem}</source>
        <translation>No se puede escribir «{path}»: {problem}</translation>
    </message>
    <message>
        <source>The card stopped working and the engine was restarted: {reason}.</source>
        <translation>La tarjeta dejó de funcionar y se reinició el motor: {reason}.</translation>
    </message>
    <message>
        <source>The loop or block on line {line} makes {name}: write its device there.</source>
        <translation>El bucle o bloque de la línea {line} crea {name}: escriba allí su dispositivo.</translation>
    </message>
    <message>
        <source>{name} is defined only in {function} on line {line}: write its device there.</source>
        <translation>{name} se liga solo en {function}, en la línea {line}: escriba allí su dispositivo.</translation>
    </message>
    <message>
        <source>The text does not define {root}, so its device cannot be written.</source>
        <translation>El texto no asigna {root}, así que no se puede escribir su dispositivo.</translation>
    </message>
    <message>
        <source>The text is not valid Python, so nothing can be written into it.</source>
        <translation>El texto no es Python, así que no se puede escribir nada en él.</translation>
    </message>
    <message>
        <source>{first} is on {device}, {second} on {other}. {reason}</source>
        <translation>{first} está en {device}, {second} en {other}. {reason}</translation>
    </message>
    <message>
        <source>Move one of them: {code}.</source>
        <translation>Mueva uno de ellos: {code}.</translation>
    </message>
    <message>
        <source>The devices panel puts {name} on {device}: move {other} there too, or undo that move.</source>
        <translation>El panel de dispositivos pone {name} en {device}: mueva también {other} allí, o deshaga ese movimiento.</translation>
    </message>
    <message>
        <source>Move the module to the data: {code}.</source>
        <translation>Mueva el módulo adonde están los datos: {code}.</translation>
    </message>
    <message>
        <source>Write device={device}.device into the call that makes {name}.</source>
        <translation>Escriba device={device}.device en la llamada que crea {name}.</translation>
    </message>
    <message>
        <source>CUDA_VISIBLE_DEVICES={value} hides {hidden} of {cards} cards.</source>
        <translation>CUDA_VISIBLE_DEVICES={value} oculta {hidden} de {cards} tarjetas.</translation>
    </message>
    <message>
        <source>Unset CUDA_VISIBLE_DEVICES and start gradviz again to use them all.</source>
        <translation>Quite CUDA_VISIBLE_DEVICES e inicie gradviz de nuevo para usarlas todas.</translation>
    </message>
    <message>
        <source>This PyTorch was built without CUDA.</source>
        <translation>Este PyTorch se compiló sin CUDA.</translation>
    </message>
    <message>
        <source>Install a CUDA build: {address}</source>
        <translation>Instale una versión con CUDA: {address}</translation>
    </message>
    <message>
        <source>The NVIDIA driver is too old for this PyTorch.</source>
        <translation>El controlador de NVIDIA es demasiado antiguo para este PyTorch.</translation>
    </message>
    <message>
        <source>Update the driver: {address}</source>
        <translation>Actualice el controlador: {address}</translation>
    </message>
    <message>
        <source>No NVIDIA driver was found.</source>
        <translation>No se encontró el controlador de NVIDIA.</translation>
    </message>
    <message>
        <source>Install the driver: {address}</source>
        <translation>Instale el controlador: {address}</translation>
    </message>
    <message>
        <source>CUDA_VISIBLE_DEVICES={value} hides every card.</source>
        <translation>CUDA_VISIBLE_DEVICES={value} oculta todas las tarjetas.</translation>
    </message>
    <message>
        <source>Unset CUDA_VISIBLE_DEVICES and start gradviz again.</source>
        <translation>Quite CUDA_VISIBLE_DEVICES e inicie gradviz de nuevo.</translation>
    </message>
    <message>
        <source>The NVIDIA driver sees no card.</source>
        <translation>El controlador de NVIDIA no ve ninguna tarjeta.</translation>
    </message>
    <message>
        <source>Check that the card is seated, powered and enabled.</source>
        <translation>Compruebe que la tarjeta está bien encajada, alimentada y activada.</translation>
    </message>
    <message>
        <source>CUDA could not be started: {problem}.</source>
        <translation>No se pudo iniciar CUDA: {problem}.</translation>
    </message>
    <message>
        <source>PyTorch does not say why</source>
        <translation>PyTorch no dice por qué</translation>
    </message>
    <message>
        <source>Restart the machine; if that does not help, install the driver again.</source>
        <translation>Reinicie el equipo; si no basta, instale de nuevo el controlador.</translation>
    </message>
    <message>
        <source>Install a build that has: {address}</source>
        <translation>Instale una versión que lo tenga: {address}</translation>
    </message>
    <message>
        <source>This PyTorch has no code for {name} (cuda:{index}).</source>
        <translation>Este PyTorch no tiene código para {name} (cuda:{index}).</translation>
    </message>
    <message>
        <source>Start the service nvidia-fabricmanager.</source>
        <translation>Inicie el servicio nvidia-fabricmanager.</translation>
    </message>
    <message>
        <source>Run rocminfo: where it lists no card either, install AMD&apos;s driver.</source>
        <translation>Ejecute rocminfo: si tampoco enumera ninguna tarjeta, instale el controlador de AMD.</translation>
    </message>
    <message>
        <source>This PyTorch was built for AMD cards, and ROCm finds none.</source>
        <translation>Este PyTorch se compiló para tarjetas de AMD, y ROCm no encuentra ninguna.</translation>
    </message>
    <message>
        <source>This PyTorch was built without Metal.</source>
        <translation>Este PyTorch se compiló sin Metal.</translation>
    </message>
    <message>
        <source>Install PyTorch from {address}</source>
        <translation>Instale PyTorch desde {address}</translation>
    </message>
    <message>
        <source>This Mac has no GPU that PyTorch can use.</source>
        <translation>Este Mac no tiene ninguna GPU que PyTorch pueda usar.</translation>
    </message>
    <message>
        <source>Metal needs macOS 14 or newer.</source>
        <translation>Metal necesita macOS 14 o posterior.</translation>
    </message>
    <message>
        <source>CPU only</source>
        <translation>solo CPU</translation>
    </message>
    <message>
        <source>{kind}, 1 core</source>
        <translation>{kind}, 1 núcleo</translation>
    </message>
    <message>
        <source>{kind}, {count} cores</source>
        <translation>{kind}, {count} núcleos</translation>
    </message>
    <message>
        <source>compute {version}</source>
        <translation>capacidad de cómputo {version}</translation>
    </message>
    <message>
        <source>This tensor is not a leaf ({function} made it): move the leaves that it comes from.</source>
        <translation>Este tensor no es una hoja (lo creó {function}): mueva las hojas de las que procede.</translation>
    </message>
    <message>
        <source>{name} is not a leaf ({function} made it): move the leaves that it comes from.</source>
        <translation>{name} no es una hoja (lo creó {function}): mueva las hojas de las que procede.</translation>
    </message>
    <message>
        <source>There is no {name} to move to {device}.</source>
        <translation>No hay ningún {name} que mover a {device}.</translation>
    </message>
    <message>
        <source>{root} is not a module, so {name} cannot be moved to {device}.</source>
        <translation>{root} no es un módulo, así que {name} no se puede mover a {device}.</translation>
    </message>
    <message>
        <source>{name} is of type {type}: only tensors and modules can be moved.</source>
        <translation>{name} es de tipo {type}: solo se pueden mover tensores y módulos.</translation>
    </message>
    <message>
        <source>A tensor on meta has no values that could be moved to {device}.</source>
        <translation>Un tensor en meta no tiene valores que se puedan mover a {device}.</translation>
    </message>
    <message>
        <source>A tensor could not be moved to {device}: {reason}.</source>
        <translation>No se pudo mover un tensor a {device}: {reason}.</translation>
    </message>
    <message>
        <source>The text failed on {device}: {reason}.</source>
        <translation>El texto falló en {device}: {reason}.</translation>
    </message>
    <message>
        <source>Line {line} failed on {device}: {reason}.</source>
        <translation>La línea {line} falló en {device}: {reason}.</translation>
    </message>
    <message>
        <source>Not timed on {device}: {problem}</source>
        <translation>Sin medir en {device}: {problem}</translation>
    </message>
    <message>
        <source>Transfers need a second device besides the CPU.</source>
        <translation>Las transferencias necesitan un segundo dispositivo además de la CPU.</translation>
    </message>
    <message>
        <source>There is no backward call outside functions, so forward and backward cannot be told apart.</source>
        <translation>No hay ninguna llamada a backward fuera de funciones, así que no se puede distinguir la pasada hacia adelante de la pasada hacia atrás.</translation>
    </message>
    <message>
        <source>There is no statement on line {line}.</source>
        <translation>No hay ninguna instrucción en la línea {line}.</translation>
    </message>
    <message>
        <source>No statement computes the root of the backward call.</source>
        <translation>Ninguna instrucción calcula la raíz de la llamada a backward.</translation>
    </message>
    <message>
        <source>There is no leaf to transfer.</source>
        <translation>No hay ninguna hoja que transferir.</translation>
    </message>
    <message>
        <source>The backward call on line {line} was not reached.</source>
        <translation>No se llegó a la llamada a backward de la línea {line}.</translation>
    </message>
    <message>
        <source>Line {line} uses {name}, which the text itself puts on {device}.</source>
        <translation>La línea {line} usa {name}, que el propio texto pone en {device}.</translation>
    </message>
    <message>
        <source>{part} cannot be repeated: {reason}.</source>
        <translation>{part}: no se puede repetir, {reason}.</translation>
    </message>
    <message>
        <source>it computes nothing, so there is nothing to time.</source>
        <translation>no calcula nada, así que no hay nada que medir.</translation>
    </message>
    <message>
        <source>It makes tensors, so the figure includes PyTorch&apos;s default-device mode, some µs for each call.</source>
        <translation>Crea tensores, así que la cifra incluye el modo de dispositivo por omisión de PyTorch, unos µs por llamada.</translation>
    </message>
    <message>
        <source>Stopped before there were enough samples.</source>
        <translation>Detenido antes de reunir muestras suficientes.</translation>
    </message>
    <message>
        <source>Only 1 sample within the time limit.</source>
        <translation>Solo 1 muestra dentro del tiempo límite.</translation>
    </message>
    <message>
        <source>Only {count} samples within the time limit.</source>
        <translation>Solo {count} muestras dentro del tiempo límite.</translation>
    </message>
    <message>
        <source>The middle half of the samples spreads over {percent} % of the median: something else kept the machine busy.</source>
        <translation>La mitad central de las muestras abarca el {percent} % de la mediana: otra cosa tenía ocupado el equipo.</translation>
    </message>
    <message>
        <source>{part}, {device}, {threads} threads</source>
        <translation>{part}, {device}, {threads} hilos</translation>
    </message>
    <message>
        <source>{part}, {device}, 1 thread</source>
        <translation>{part}, {device}, 1 hilo</translation>
    </message>
    <message>
        <source>finding the ops, {device}</source>
        <translation>buscando las operaciones, {device}</translation>
    </message>
    <message>
        <source>lines</source>
        <translation>líneas</translation>
    </message>
    <message>
        <source>optimizer step</source>
        <translation>paso del optimizador</translation>
    </message>
    <message>
        <source>op</source>
        <translation>operación</translation>
    </message>
    <message>
        <source>op backward</source>
        <translation>backward de la operación</translation>
    </message>
    <message>
        <source>ceilings</source>
        <translation>techos</translation>
    </message>
    <message>
        <source>tf32 needs an NVIDIA card of compute capability 8.0 or later.</source>
        <translation>tf32 requiere una tarjeta NVIDIA de capacidad de cómputo 8.0 o posterior.</translation>
    </message>
    <message>
        <source>There is no type {dtype}; there are {names}.</source>
        <translation>No existe el tipo {dtype}; existen {names}.</translation>
    </message>
    <message>
        <source>PyTorch knows no device {device}.</source>
        <translation>PyTorch no conoce el dispositivo {device}.</translation>
    </message>
    <message>
        <source>{kind} cannot compute in {dtype}: {reason}.</source>
        <translation>{kind} no puede calcular en {dtype}: {reason}.</translation>
    </message>
    <message>
        <source>This card computes bfloat16 in float32.</source>
        <translation>Esta tarjeta calcula bfloat16 en float32.</translation>
    </message>
    <message>
        <source>Line {line} was not reached.</source>
        <translation>No se llegó a la línea {line}.</translation>
    </message>
    <message>
        <source>Line {line} uses {name}, which the text itself makes {dtype}.</source>
        <translation>La línea {line} usa {name}, que el propio texto crea como {dtype}.</translation>
    </message>
    <message>
        <source>Line {line} uses {name}, which is on meta: nothing is computed there.</source>
        <translation>La línea {line} usa {name}, que está en meta: allí no se calcula nada.</translation>
    </message>
    <message>
        <source>There is no optimizer.step() after the backward call; time the lines of your own update instead.</source>
        <translation>No hay ningún optimizer.step() después de la llamada a backward; mida en su lugar las líneas de su propia actualización.</translation>
    </message>
    <message>
        <source>it took {seconds} at the previous size; the sweep ends here.</source>
        <translation>tardó {seconds} con el tamaño anterior; el barrido termina aquí.</translation>
    </message>
    <message>
        <source>it would need about {needed} of memory, more than the {allowed} allowed for the sweep.</source>
        <translation>necesitaría unos {needed} de memoria, más de los {allowed} del barrido.</translation>
    </message>
    <message>
        <source>The ceilings of {device} could not be measured.</source>
        <translation>No se pudieron medir los techos de {device}.</translation>
    </message>
    <message>
        <source>{skipped} of {count} kinds of op cannot be repeated by themselves.</source>
        <translation>{skipped} de {count} clases de operación no se pueden repetir por sí solas.</translation>
    </message>
    <message>
        <source>There is no op in the text.</source>
        <translation>No hay ninguna operación en el texto.</translation>
    </message>
    <message>
        <source>The timing cannot be kept: {error}.</source>
        <translation>No se puede conservar la medición: {error}.</translation>
    </message>
    <message>
        <source>From {size} on {winner} is faster than {loser} ({part}).</source>
        <translation>A partir de {size}, {winner} es más rápido que {loser} ({part}).</translation>
    </message>
    <message>
        <source>This PyTorch does not show its kernels, so they are not counted.</source>
        <translation>Este PyTorch no muestra sus núcleos de cálculo, por lo que no se cuentan.</translation>
    </message>
    <message>
        <source>Its result needs no gradient.</source>
        <translation>Su resultado no necesita gradiente.</translation>
    </message>
    <message>
        <source>The text has no size {key}.</source>
        <translation>El texto no tiene ningún tamaño {key}.</translation>
    </message>
    <message>
        <source>statement</source>
        <translation>instrucción</translation>
    </message>
    <message>
        <source>forward</source>
        <translation>hacia adelante</translation>
    </message>
    <message>
        <source>backward</source>
        <translation>hacia atrás</translation>
    </message>
    <message>
        <source>transfer</source>
        <translation>transferencia</translation>
    </message>
    <message>
        <source>Line {line}: {text}</source>
        <translation>Línea {line}: {text}</translation>
    </message>
    <message>
        <source>{equation}, v is the gradient given to backward</source>
        <translation>{equation}, donde v es el gradiente dado a backward</translation>
    </message>
</context>
<context>
    <name>Spoken</name>
    <message>
        <source>{} equals {}</source>
        <translation>{} es igual a {}</translation>
    </message>
    <message>
        <source>not yet known</source>
        <translation>aún desconocido</translation>
    </message>
    <message>
        <source>minus {}</source>
        <translation>menos {}</translation>
    </message>
    <message>
        <source>the derivative of {} with respect to {}</source>
        <translation>la derivada de {} respecto de {}</translation>
    </message>
    <message>
        <source>{} divided by {}</source>
        <translation>{} dividido entre {}</translation>
    </message>
    <message>
        <source>{} to the power {}</source>
        <translation>{} elevado a {}</translation>
    </message>
    <message>
        <source>{} transposed</source>
        <translation>{} traspuesta</translation>
    </message>
    <message>
        <source>{function} of {arguments}</source>
        <translation>{function} de {arguments}</translation>
    </message>
    <message>
        <source>1 where {left} {relation} {right}, else 0</source>
        <translation>1 donde {left} {relation} {right}; si no, 0</translation>
    </message>
    <message>
        <source>{} times {} element by element</source>
        <translation>{} por {} elemento a elemento</translation>
    </message>
    <message>
        <source>{} matrix times {}</source>
        <translation>{} por {} como matrices</translation>
    </message>
    <message>
        <source>{} times {}</source>
        <translation>{} por {}</translation>
    </message>
    <message>
        <source>the sum</source>
        <translation>la suma</translation>
    </message>
    <message>
        <source>sigmoid</source>
        <translation>sigmoide</translation>
    </message>
    <message>
        <source>the norm</source>
        <translation>la norma</translation>
    </message>
    <message>
        <source>the normal distribution</source>
        <translation>la distribución normal</translation>
    </message>
    <message>
        <source>the normal density</source>
        <translation>la densidad normal</translation>
    </message>
    <message>
        <source>the square root</source>
        <translation>la raíz cuadrada</translation>
    </message>
    <message>
        <source>the normalized values</source>
        <translation>los valores normalizados</translation>
    </message>
    <message>
        <source>{} minus {}</source>
        <translation>{} menos {}</translation>
    </message>
    <message>
        <source>{} plus {}</source>
        <translation>{} más {}</translation>
    </message>
    <message>
        <source>bracket {} end of bracket</source>
        <translation>paréntesis {} fin del paréntesis</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Press Ctrl+Enter to run the code on the left, or open an example:</source>
        <translation>Pulse Ctrl+Intro para ejecutar el código de la izquierda, o abra un ejemplo:</translation>
    </message>
    <message>
        <source>Type PyTorch code on the left and press Ctrl+Enter, or open an example:</source>
        <translation>Escriba código PyTorch a la izquierda y pulse Ctrl+Intro, o abra un ejemplo:</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Starting the engine: importing torch…</source>
        <translation>Iniciando el motor: importando torch…</translation>
    </message>
    <message>
        <source>Ready: torch {version}, {device}</source>
        <translation>Listo: torch {version}, {device}</translation>
    </message>
    <message>
        <source>Running…</source>
        <translation>Ejecutando…</translation>
    </message>
    <message>
        <source>Timing…</source>
        <translation>Midiendo tiempos…</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Deteniendo…</translation>
    </message>
    <message>
        <source>The engine is not running</source>
        <translation>El motor no está en marcha</translation>
    </message>
</context>
<context>
    <name>StepPage</name>
    <message>
        <source>Step {} of {}</source>
        <translation>Paso {} de {}</translation>
    </message>
    <message>
        <source>This was computed again inside step {step} of pass {number} ({node}) and has no ops of its own: the forward graph shows that step in its place.</source>
        <translation>Esto se volvió a calcular dentro del paso {step} de la pasada {number} ({node}) y no tiene operaciones propias: el grafo hacia delante muestra ese paso en su lugar.</translation>
    </message>
    <message>
        <source>Backward pass</source>
        <translation>Pasada hacia atrás</translation>
    </message>
    <message>
        <source>Nothing to step through</source>
        <translation>No hay pasos que recorrer</translation>
    </message>
    <message>
        <source>Before step 1 of {}</source>
        <translation>Antes del paso 1 de {}</translation>
    </message>
    <message>
        <source>Backward walks from {} to the leaves, one autograd node at a time. Step forward (F10).</source>
        <translation>La pasada hacia atrás va de {} a las hojas, un nodo de autograd cada vez. Avance un paso (F10).</translation>
    </message>
    <message>
        <source>the result</source>
        <translation>el resultado</translation>
    </message>
</context>
<context>
    <name>SweepPlot</name>
    <message>
        <source>Times over sizes</source>
        <translation>Tiempos según el tamaño</translation>
    </message>
    <message>
        <source>in place of {}</source>
        <translation>en lugar de {}</translation>
    </message>
    <message>
        <source>From {size} on {winner} is faster than {loser}.</source>
        <translation>A partir de {size}, {winner} es más rápido que {loser}.</translation>
    </message>
    <message>
        <source>No line overtakes another for good at the sizes measured.</source>
        <translation>Ninguna línea adelanta definitivamente a otra en los tamaños medidos.</translation>
    </message>
</context>
<context>
    <name>TensorPage</name>
    <message>
        <source>Tensor</source>
        <translation>Tensor</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Valor</translation>
    </message>
    <message>
        <source>About it</source>
        <translation>Sobre él</translation>
    </message>
    <message>
        <source>unnamed</source>
        <translation>sin nombre</translation>
    </message>
    <message>
        <source>It does not require grad, so no gradient reaches it.</source>
        <translation>No requiere gradiente, así que no le llega ninguno.</translation>
    </message>
    <message>
        <source>No gradient reached it in this backward pass.</source>
        <translation>En esta pasada hacia atrás no le llegó ningún gradiente.</translation>
    </message>
    <message>
        <source>It has no gradient, since it does not require grad</source>
        <translation>No tiene gradiente, porque no lo requiere</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>Gradiente</translation>
    </message>
    <message>
        <source>Its elements were not kept with the recording.</source>
        <translation>Sus elementos no se conservaron en la grabación.</translation>
    </message>
    <message>
        <source>.grad is None at this point: nothing has been accumulated yet.</source>
        <translation>.grad es None en este punto: aún no se ha acumulado nada.</translation>
    </message>
    <message>
        <source>No gradient has arrived at this point.</source>
        <translation>En este punto no ha llegado ningún gradiente.</translation>
    </message>
    <message>
        <source>Incoming</source>
        <translation>Entrante</translation>
    </message>
    <message>
        <source>What this pass sends to it, before it is added to .grad</source>
        <translation>Lo que esta pasada le envía, antes de sumarse a .grad</translation>
    </message>
    <message>
        <source>You are predicting it: the rule is shown afterwards.</source>
        <translation>Le toca predecirlo: la regla se muestra después.</translation>
    </message>
    <message>
        <source>It is shown when you have predicted the gradients that it comes from.</source>
        <translation>Se muestra cuando haya predicho los gradientes de los que salió.</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>sí</translation>
    </message>
    <message>
        <source>no</source>
        <translation>no</translation>
    </message>
    <message>
        <source>shape</source>
        <translation>forma</translation>
    </message>
    <message>
        <source>() scalar</source>
        <translation>() escalar</translation>
    </message>
    <message>
        <source>dtype</source>
        <translation>dtype</translation>
    </message>
    <message>
        <source>device</source>
        <translation>dispositivo</translation>
    </message>
    <message>
        <source>version</source>
        <translation>versión</translation>
    </message>
    <message>
        <source>line</source>
        <translation>línea</translation>
    </message>
    <message>
        <source>strides</source>
        <translation>strides</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>memoria</translation>
    </message>
    <message>
        <source>{} contiguous</source>
        <translation>{} contiguo</translation>
    </message>
    <message>
        <source>{} not contiguous</source>
        <translation>{} no contiguo</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} de {}</translation>
    </message>
    <message>
        <source>Made by {}</source>
        <translation>Creado por {}</translation>
    </message>
    <message>
        <source>Gradient edge: {}</source>
        <translation>Arista de gradiente: {}</translation>
    </message>
    <message>
        <source>View of {}</source>
        <translation>Vista de {}</translation>
    </message>
    <message>
        <source>Saved for backward by {}</source>
        <translation>Guardado para backward por {}</translation>
    </message>
</context>
<context>
    <name>TensorTableModel</name>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Forma</translation>
    </message>
    <message>
        <source>dtype</source>
        <translation>dtype</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Dispositivo</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Memoria</translation>
    </message>
    <message>
        <source>Leaf</source>
        <translation>Hoja</translation>
    </message>
    <message>
        <source>(no name)</source>
        <translation>(sin nombre)</translation>
    </message>
    <message>
        <source>scalar</source>
        <translation>escalar</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>sí</translation>
    </message>
    <message>
        <source>The next run puts it on {}.</source>
        <translation>La próxima ejecución lo pone en {}.</translation>
    </message>
    <message>
        <source>A leaf: it can be moved and stays a leaf.</source>
        <translation>Una hoja: se puede mover y sigue siendo hoja.</translation>
    </message>
    <message>
        <source>A gradient: it moves with its leaf.</source>
        <translation>Un gradiente: va con su hoja.</translation>
    </message>
    <message>
        <source>A function makes it: write device= there.</source>
        <translation>Lo crea una función: escriba device= allí.</translation>
    </message>
    <message>
        <source>It has no name by which it could be moved.</source>
        <translation>No tiene un nombre con el que se pueda mover.</translation>
    </message>
    <message>
        <source>An op made it: it is where the op&apos;s inputs are. Move the leaves.</source>
        <translation>Lo creó una operación: está donde están las entradas de la operación. Mueva las hojas.</translation>
    </message>
</context>
<context>
    <name>TensorView</name>
    <message>
        <source>Move selected to</source>
        <translation>Mover selección a</translation>
    </message>
    <message>
        <source>Move all leaves to</source>
        <translation>Mover hojas a</translation>
    </message>
    <message>
        <source>Move module</source>
        <translation>Mover módulo</translation>
    </message>
    <message>
        <source>Write it into the code</source>
        <translation>Escribirlo en el código</translation>
    </message>
    <message>
        <source>Write it into the text instead, as ordinary PyTorch; it can be undone</source>
        <translation>Decirlo en el texto, como PyTorch corriente; se puede deshacer</translation>
    </message>
    <message>
        <source>Colour the graph by device</source>
        <translation>Colorear el grafo según el dispositivo</translation>
    </message>
    <message>
        <source>Transfers of the run</source>
        <translation>Transferencias de la ejecución</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>Undo the moves that wait for the next run</source>
        <translation>Anular los movimientos que esperan a la próxima ejecución</translation>
    </message>
    <message>
        <source>Tensors and their devices</source>
        <translation>Los tensores y sus dispositivos</translation>
    </message>
    <message>
        <source>Move {} to</source>
        <translation>Mover {} a</translation>
    </message>
    <message>
        <source>{name}: {source} → {target} on the next run</source>
        <translation>{name}: {source} → {target} en la próxima ejecución</translation>
    </message>
    <message>
        <source>… and {} more</source>
        <translation>… y {} más</translation>
    </message>
    <message>
        <source>{name} → {target}: this run has nothing by that name</source>
        <translation>{name} → {target}: esta ejecución no tiene nada con ese nombre</translation>
    </message>
    <message>
        <source>Run the text to see where its tensors are.</source>
        <translation>Ejecute el texto para ver dónde están sus tensores.</translation>
    </message>
    <message>
        <source>There is no second device on this machine to move a tensor to.</source>
        <translation>En este equipo no hay un segundo dispositivo al que mover un tensor.</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>{}×</source>
        <translation>{}×</translation>
    </message>
    <message>
        <source>Steps per second while playing</source>
        <translation>Pasos por segundo al reproducir</translation>
    </message>
    <message>
        <source>Playing speed in steps per second</source>
        <translation>Velocidad de reproducción en pasos por segundo</translation>
    </message>
    <message>
        <source>Step of the backward passes</source>
        <translation>Paso de las pasadas hacia atrás</translation>
    </message>
    <message>
        <source>time</source>
        <translation>tiempo</translation>
    </message>
    <message>
        <source>Pass {} of {}</source>
        <translation>Pasada {} de {}</translation>
    </message>
    <message>
        <source>Before step 1 of {}</source>
        <translation>Antes del paso 1 de {}</translation>
    </message>
    <message>
        <source>Step {} of {}</source>
        <translation>Paso {} de {}</translation>
    </message>
    <message>
        <source>line {}</source>
        <translation>línea {}</translation>
    </message>
    <message>
        <source>Run the code to step through its backward pass.</source>
        <translation>Ejecute el código para recorrer su pasada hacia atrás.</translation>
    </message>
    <message>
        <source>No autograd node was executed in this run&apos;s backward pass.</source>
        <translation>En la pasada hacia atrás de esta ejecución no se ejecutó ningún nodo de autograd.</translation>
    </message>
    <message>
        <source>The run ended before it came to a backward pass.</source>
        <translation>La ejecución terminó antes de llegar a una pasada hacia atrás.</translation>
    </message>
    <message>
        <source>This run has no backward pass: call .backward() on a scalar.</source>
        <translation>Esta ejecución no tiene pasada hacia atrás: llame a .backward() sobre un escalar.</translation>
    </message>
    <message>
        <source>has NaN</source>
        <translation>tiene NaN</translation>
    </message>
    <message>
        <source>has Inf</source>
        <translation>tiene Inf</translation>
    </message>
    <message>
        <source>received ‖g‖ = {}</source>
        <translation>recibió ‖g‖ = {}</translation>
    </message>
    <message>
        <source>changes .grad</source>
        <translation>cambia .grad</translation>
    </message>
    <message>
        <source>inside pass {}, step {}</source>
        <translation>dentro de la pasada {}, paso {}</translation>
    </message>
    <message>
        <source>{} steps</source>
        <translation>{} pasos</translation>
    </message>
    <message>
        <source>Click: its first step. Double click: zoom in or out.</source>
        <translation>Clic: su primer paso. Doble clic: acercar o alejar.</translation>
    </message>
</context>
<context>
    <name>TimingControls</name>
    <message>
        <source>Statement at the cursor</source>
        <translation>Instrucción del cursor</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Hacia adelante</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>Hacia atrás</translation>
    </message>
    <message>
        <source>Transfers</source>
        <translation>Transferencias</translation>
    </message>
    <message>
        <source>Threads of PyTorch on the CPU</source>
        <translation>Hilos de PyTorch en la CPU</translation>
    </message>
    <message>
        <source>On</source>
        <translation>En</translation>
    </message>
    <message>
        <source>Selected lines</source>
        <translation>Líneas seleccionadas</translation>
    </message>
    <message>
        <source>Optimizer step</source>
        <translation>Optimizador</translation>
    </message>
    <message>
        <source>Each op by itself</source>
        <translation>Cada operación por separado</translation>
    </message>
    <message>
        <source>Forward and backward of every op of the text; the graph shows them as heat</source>
        <translation>Hacia adelante y hacia atrás de cada operación del texto; el grafo los muestra como calor</translation>
    </message>
    <message>
        <source>Types, threads, sizes</source>
        <translation>Tipos, hilos, tamaños</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Hilos</translation>
    </message>
    <message>
        <source>Types</source>
        <translation>Tipos</translation>
    </message>
    <message>
        <source>Sizes</source>
        <translation>Tamaños</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>Intervalo</translation>
    </message>
    <message>
        <source>A number of the text that is multiplied, everywhere it stands for a size</source>
        <translation>Un número del texto que se multiplica, dondequiera que indique un tamaño</translation>
    </message>
    <message>
        <source>Ceilings of the machine</source>
        <translation>Techos del equipo</translation>
    </message>
    <message>
        <source>What a large copy and a large product of matrices reach, for the roofline</source>
        <translation>Lo que alcanzan una copia grande y un producto de matrices grande, para el roofline</translation>
    </message>
    <message>
        <source>{} (as PyTorch chooses)</source>
        <translation>{} (los que elige PyTorch)</translation>
    </message>
    <message>
        <source>1 and {}</source>
        <translation>1 y {}</translation>
    </message>
    <message>
        <source>as written</source>
        <translation>como está escrito</translation>
    </message>
    <message numerus="yes">
        <source>{number} (%Ln places)</source>
        <translation>
            <numerusform>{number} (%Ln lugar)</numerusform>
            <numerusform>{number} (%Ln lugares)</numerusform>
        </translation>
    </message>
    <message>
        <source>{first} to {last}, doubled</source>
        <translation>de {first} a {last}, duplicando</translation>
    </message>
    <message>
        <source>Copies of all leaves between the CPU and each other device</source>
        <translation>Copias de todas las hojas entre la CPU y cada uno de los demás dispositivos</translation>
    </message>
    <message>
        <source>Transfers need a second device</source>
        <translation>Las transferencias necesitan un segundo dispositivo</translation>
    </message>
</context>
<context>
    <name>TimingCounts</name>
    <message numerus="yes">
        <source>%Ln threads</source>
        <translation>
            <numerusform>%Ln hilo</numerusform>
            <numerusform>%Ln hilos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Median {median}, IQR {iqr}, %Ln samples</source>
        <translation>
            <numerusform>Mediana {median}, RIC {iqr}, %Ln muestra</numerusform>
            <numerusform>Mediana {median}, RIC {iqr}, %Ln muestras</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TimingPlot</name>
    <message>
        <source>Measured times</source>
        <translation>Tiempos medidos</translation>
    </message>
    <message>
        <source>Earlier {}</source>
        <translation>Antes {}</translation>
    </message>
    <message>
        <source>as before</source>
        <translation>como antes</translation>
    </message>
    <message>
        <source>{}× faster</source>
        <translation>{}× más rápido</translation>
    </message>
    <message>
        <source>{}× slower</source>
        <translation>{}× más lento</translation>
    </message>
    <message>
        <source>first {}</source>
        <translation>primera {}</translation>
    </message>
</context>
<context>
    <name>TimingTableModel</name>
    <message>
        <source>Part</source>
        <translation>Parte</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Dispositivo</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Tipo</translation>
    </message>
    <message>
        <source>The type of all floating-point tensors</source>
        <translation>El tipo de todos los tensores de coma flotante</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Hilos</translation>
    </message>
    <message>
        <source>Threads of PyTorch on the CPU</source>
        <translation>Hilos de PyTorch en la CPU</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>The number of the text that is swept</source>
        <translation>El número del texto que se barre</translation>
    </message>
    <message>
        <source>Median</source>
        <translation>Mediana</translation>
    </message>
    <message>
        <source>Half of the samples took longer</source>
        <translation>La mitad de las muestras tardó más</translation>
    </message>
    <message>
        <source>IQR</source>
        <translation>RIC</translation>
    </message>
    <message>
        <source>The range that the middle half of the samples spans</source>
        <translation>Rango intercuartílico: la amplitud de la mitad central de las muestras</translation>
    </message>
    <message>
        <source>First</source>
        <translation>Primera</translation>
    </message>
    <message>
        <source>The first execution, which pays for loading and allocating</source>
        <translation>La primera ejecución, que paga la carga y la reserva de memoria</translation>
    </message>
    <message>
        <source>Traffic</source>
        <translation>Tráfico</translation>
    </message>
    <message>
        <source>Bytes that its ops read and wrote, per second</source>
        <translation>Bytes que leyeron y escribieron sus operaciones, por segundo</translation>
    </message>
    <message>
        <source>Arithmetic</source>
        <translation>Aritmética</translation>
    </message>
    <message>
        <source>Operations on numbers, per second</source>
        <translation>Operaciones con números, por segundo</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Muestras</translation>
    </message>
    <message>
        <source>Samples × executions that each averages over</source>
        <translation>Muestras × ejecuciones que promedia cada una</translation>
    </message>
</context>
<context>
    <name>TimingView</name>
    <message>
        <source>Stopped. What was measured until then is below.</source>
        <translation>Detenido. Lo medido hasta entonces está abajo.</translation>
    </message>
    <message>
        <source>There was not enough memory for the timing beside your last run, so its large tensors were released: to look at all of their elements, run the document again.</source>
        <translation>No había memoria para la medición junto a su última ejecución, así que se soltaron sus tensores grandes: para ver todos sus elementos, ejecute el documento de nuevo.</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Medir</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Detener</translation>
    </message>
    <message>
        <source>Show the times as heat in the graph</source>
        <translation>Mostrar los tiempos como calor en el grafo</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>Comparar con</translation>
    </message>
    <message>
        <source>Earlier timing to compare with</source>
        <translation>Medición anterior con la que comparar</translation>
    </message>
    <message>
        <source>Measured times</source>
        <translation>Tiempos medidos</translation>
    </message>
    <message>
        <source>Running the text once…</source>
        <translation>Ejecutando el texto una vez…</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Deteniendo…</translation>
    </message>
    <message>
        <source>The engine is starting.</source>
        <translation>El motor se está iniciando.</translation>
    </message>
    <message>
        <source>The engine is busy.</source>
        <translation>El motor está ocupado.</translation>
    </message>
    <message>
        <source>Choose what to time.</source>
        <translation>Elija qué medir.</translation>
    </message>
    <message>
        <source>Choose a device.</source>
        <translation>Elija un dispositivo.</translation>
    </message>
    <message>
        <source>Time what is ticked, on each device that is ticked</source>
        <translation>Medir lo marcado, en cada dispositivo marcado</translation>
    </message>
    <message>
        <source>Each part is repeated with torch.utils.benchmark until its time is certain. Your last run, its gradients and random numbers stay as they are.</source>
        <translation>Cada parte se repite con torch.utils.benchmark hasta que su tiempo es seguro. Su última ejecución, sus gradientes y sus números aleatorios quedan como están.</translation>
    </message>
    <message>
        <source>{done} of {total}: {what}</source>
        <translation>{done} de {total}: {what}</translation>
    </message>
    <message>
        <source>Nothing could be timed.</source>
        <translation>No se pudo medir nada.</translation>
    </message>
    <message numerus="yes">
        <source>%Ln figures with this sign may be wrong. Point at one to read why.</source>
        <translation>
            <numerusform>%Ln cifra puede ser errónea: la que lleva esta señal. Señálela para leer por qué.</numerusform>
            <numerusform>%Ln cifras pueden ser erróneas: las que llevan esta señal. Señale una para leer por qué.</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nada</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Tools</source>
        <translation>Herramientas</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>Ejemplos</translation>
    </message>
    <message>
        <source>Open a shipped example and see its graph</source>
        <translation>Abrir un ejemplo incluido y ver su grafo</translation>
    </message>
</context>
<context>
    <name>TransferList</name>
    <message>
        <source>Transfers of the run</source>
        <translation>Transferencias de la ejecución</translation>
    </message>
    <message>
        <source>Between</source>
        <translation>Entre</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Tiempo</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Tasa</translation>
    </message>
    <message>
        <source>Call</source>
        <translation>Llamada</translation>
    </message>
    <message>
        <source>line {}</source>
        <translation>línea {}</translation>
    </message>
    <message>
        <source>The call, made once; the Time tab measures it properly</source>
        <translation>La llamada, hecha una vez: la pestaña Tiempo la mide como es debido</translation>
    </message>
</context>
<context>
    <name>ValueGrid</name>
    <message>
        <source>Elements of the tensor</source>
        <translation>Elementos del tensor</translation>
    </message>
</context>
<context>
    <name>ViewBar</name>
    <message>
        <source>Forward</source>
        <translation>Adelante</translation>
    </message>
    <message>
        <source>Tensors and ops as written</source>
        <translation>Tensores y operaciones tal como se escriben</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>Atrás</translation>
    </message>
    <message>
        <source>PyTorch&apos;s autograd nodes and the leaves</source>
        <translation>Los nodos de autograd de PyTorch y las hojas</translation>
    </message>
    <message>
        <source>Both</source>
        <translation>Ambos</translation>
    </message>
    <message>
        <source>Each op with its autograd nodes</source>
        <translation>Cada operación con sus nodos de autograd</translation>
    </message>
    <message>
        <source>This pass</source>
        <translation>Esta pasada</translation>
    </message>
    <message>
        <source>Draw only what the shown backward pass executed</source>
        <translation>Dibujar solo lo que ejecutó la pasada hacia atrás mostrada</translation>
    </message>
    <message>
        <source>Filters</source>
        <translation>Filtros</translation>
    </message>
    <message>
        <source>Leave some of the graph out</source>
        <translation>Omitir parte del grafo</translation>
    </message>
    <message>
        <source>Folding</source>
        <translation>Plegado</translation>
    </message>
    <message>
        <source>Draw modules and loops open, or as one card each</source>
        <translation>Dibujar módulos y bucles abiertos, o como una tarjeta cada uno</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>Disposición</translation>
    </message>
    <message>
        <source>Where the cards stand</source>
        <translation>Dónde están las tarjetas</translation>
    </message>
    <message>
        <source>Show the whole graph (Shift+F)</source>
        <translation>Mostrar el grafo entero (Mayús+F)</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Ajustar</translation>
    </message>
</context>
<context>
    <name>WhatIfBar</name>
    <message>
        <source>Run</source>
        <translation>Ejecutar</translation>
    </message>
    <message>
        <source>Run with it</source>
        <translation>Ejecutar con él</translation>
    </message>
    <message>
        <source>Back to the run</source>
        <translation>Volver a la ejecución</translation>
    </message>
    <message>
        <source>Show the unchanged run again</source>
        <translation>Mostrar de nuevo la ejecución sin cambios</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>Cerrar (Esc)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>What differs from the run before</source>
        <translation>Lo que difiere de la ejecución anterior</translation>
    </message>
    <message>
        <source>The value that it should have</source>
        <translation>El valor que debe tener</translation>
    </message>
    <message>
        <source>0, 2*value, value + 0.1</source>
        <translation>0, 2*value, value + 0.1</translation>
    </message>
    <message>
        <source>A number, a list, or an expression over the old value, such as 2*value; a part of it by value[0, 3] = 5 or value[1:3] *= 2. Separate several with ;</source>
        <translation>Un número, una lista o una expresión con el valor anterior, como 2*value; una parte con value[0, 3] = 5 o value[1:3] *= 2. Varias se separan con ;</translation>
    </message>
    <message>
        <source>Elements</source>
        <translation>Elementos</translation>
    </message>
    <message>
        <source>Change single elements in a table</source>
        <translation>Escribir elementos sueltos en una tabla</translation>
    </message>
    <message numerus="yes">
        <source>%Ln value(s) differ</source>
        <translation>
            <numerusform>%Ln valor difiere</numerusform>
            <numerusform>%Ln valores difieren</numerusform>
        </translation>
    </message>
    <message>
        <source>What if…</source>
        <translation>¿Y si…</translation>
    </message>
    <message>
        <source>What if {name} were</source>
        <translation>¿Y si {name} fuera</translation>
    </message>
    <message>
        <source>What if the gradient of {name} were</source>
        <translation>¿Y si el gradiente de {name} fuera</translation>
    </message>
    <message>
        <source>What if the gradient into {name} were</source>
        <translation>¿Y si el gradiente que entra en {name} fuera</translation>
    </message>
    <message>
        <source>from line {line} on, the run took a different path</source>
        <translation>desde la línea {line} la ejecución siguió otro camino</translation>
    </message>
    <message>
        <source>Select a leaf, or a step of the backward pass.</source>
        <translation>Seleccione una hoja o un paso de la pasada hacia atrás.</translation>
    </message>
    <message>
        <source>gradient of {name}: {value}</source>
        <translation>gradiente de {name}: {value}</translation>
    </message>
    <message>
        <source>gradient into {name}: {value}</source>
        <translation>gradiente hacia {name}: {value}</translation>
    </message>
</context>
<context>
    <name>_Problem</name>
    <message>
        <source>This part of the window could not be built ({error}). The terminal that gradviz was started from says more.</source>
        <translation>No se pudo construir esta parte de la ventana ({error}). La terminal desde la que se inició gradviz dice más.</translation>
    </message>
</context>
<context>
    <name>timing</name>
    <message>
        <source>Statement</source>
        <translation>Instrucción</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Hacia adelante</translation>
    </message>
    <message>
        <source>Lines</source>
        <translation>Líneas</translation>
    </message>
    <message>
        <source>Optimizer step</source>
        <translation>Paso del optimizador</translation>
    </message>
    <message>
        <source>Op</source>
        <translation>Operación</translation>
    </message>
    <message>
        <source>Op backward</source>
        <translation>backward de la operación</translation>
    </message>
    <message>
        <source>as written</source>
        <translation>como está escrito</translation>
    </message>
    <message>
        <source>as placed</source>
        <translation>donde está ubicado</translation>
    </message>
    <message>
        <source>First time {}</source>
        <translation>Primera vez {}</translation>
    </message>
    <message>
        <source>At most {} on the device</source>
        <translation>Como máximo {} en el dispositivo</translation>
    </message>
    <message>
        <source>PyTorch {}</source>
        <translation>PyTorch {}</translation>
    </message>
    <message>
        <source>The engine keeps freed memory for the next tensor, as runs have it, too. A script of your own agrees where it is started with
{}</source>
        <translation>El motor guarda la memoria liberada para el siguiente tensor, igual que en las ejecuciones. Un script propio coincide si se inicia con
{}</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>Hacia atrás</translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation>Transferencia</translation>
    </message>
</context>
</TS>
